#include "seccomp/decode_a64.h"

#include <string.h>

#include "seccomp/machine.h"

/* A signed field, times 2^log. */
static int64_t field(const struct insn *insn, unsigned low, unsigned count,
		     unsigned log)
{
	uint64_t value = (uint64_t)a64_bits(insn, low, count) << (64 - count);

	return ((int64_t)value >> (64 - count)) * (1 << log);
}

enum a64_group a64_group(const struct insn *insn)
{
	static const uint8_t groups[16] = {
		[0x2] = A64_SCALABLE,  [0x4] = A64_MEMORY,
		[0x5] = A64_REGISTER,  [0x6] = A64_MEMORY,
		[0x7] = A64_VECTOR,    [0x8] = A64_IMMEDIATE,
		[0x9] = A64_IMMEDIATE, [0xa] = A64_BRANCH,
		[0xb] = A64_BRANCH,    [0xc] = A64_MEMORY,
		[0xd] = A64_REGISTER,  [0xe] = A64_MEMORY,
		[0xf] = A64_VECTOR,
	};
	uint32_t group = a64_bits(insn, 25, 4);

	if (!group && insn->word >> 31)
		return A64_SCALABLE;
	return groups[group];
}

static enum a64_access access_of_one(const struct insn *insn)
{
	static const uint8_t forms[4] = { ACCESS_PLAIN, ACCESS_AFTER,
					  ACCESS_PLAIN, ACCESS_BEFORE };

	if (a64_is(insn, 0x01000000, 0x01000000))
		return ACCESS_PLAIN;
	if (!a64_bits(insn, 21, 1))
		return forms[a64_bits(insn, 10, 2)];
	if (a64_bits(insn, 10, 2) == 2)
		return ACCESS_PLAIN;
	if (a64_bits(insn, 26, 1))
		return ACCESS_OTHER;
	return a64_bits(insn, 10, 1) ? ACCESS_SIGNED : ACCESS_ATOMIC;
}

enum a64_access a64_access(const struct insn *insn)
{
	static const uint8_t pairs[4] = { ACCESS_PAIR, ACCESS_PAIR_AFTER,
					  ACCESS_PAIR, ACCESS_PAIR_BEFORE };

	if (a64_group(insn) != A64_MEMORY)
		return ACCESS_NONE;
	if (a64_is(insn, 0x3b000000, 0x18000000))
		return ACCESS_LITERAL;
	if (a64_is(insn, 0x3a000000, 0x38000000))
		return access_of_one(insn);
	if (a64_is(insn, 0x3a000000, 0x28000000))
		return pairs[a64_bits(insn, 23, 2)];
	if (a64_is(insn, 0x3f000000, 0x08000000))
		return ACCESS_EXCLUSIVE;
	if (a64_is(insn, 0xbe000000, 0x0c000000))
		return ACCESS_STRUCTURE;
	/* ldapur and stlur. */
	return a64_is(insn, 0x3f200c00, 0x19000000) ? ACCESS_PLAIN
						    : ACCESS_OTHER;
}

unsigned a64_access_log(const struct insn *insn)
{
	bool is_vector = a64_bits(insn, 26, 1);
	unsigned size = a64_bits(insn, 30, 2);

	if (a64_is(insn, 0x3a000000, 0x28000000)) {
		if (is_vector)
			return 2 + size;
		/* stgp stands where a store of signed words would. */
		if (size == 1)
			return a64_bits(insn, 22, 1) ? 2 : 4;
		return size ? 3 : 2;
	}
	return is_vector ? size | a64_bits(insn, 23, 1) << 2 : size;
}

static void read_one(struct insn *out)
{
	unsigned log = a64_access_log(out);

	if (a64_is(out, 0x3b000000, 0x39000000)) {
		out->disp = (int64_t)a64_bits(out, 10, 12) << log;
	} else if (a64_is(out, 0x3b200c00, 0x38200800)) {
		out->index = a64_no_zero(a64_rm(out));
		out->scale = (uint8_t)(1 << (a64_bits(out, 12, 1) ? log : 0));
	} else if (a64_access(out) != ACCESS_AFTER) {
		out->disp = field(out, 12, 9, 0);
	}
}

static void read_access(struct insn *out)
{
	out->has_memory = true;
	out->base = a64_rn(out);
	switch (a64_access(out)) {
	case ACCESS_LITERAL:
		out->base = DECODE_RIP;
		out->disp = field(out, 5, 19, 2) - 4;
		break;
	case ACCESS_PLAIN:
	case ACCESS_BEFORE:
	case ACCESS_AFTER:
		read_one(out);
		break;
	case ACCESS_PAIR:
	case ACCESS_PAIR_BEFORE:
		out->disp = field(out, 15, 7, a64_access_log(out));
		break;
	case ACCESS_SIGNED:
		out->disp = (int64_t)a64_bits(out, 12, 9) * 8;
		if (a64_bits(out, 22, 1))
			out->disp -= 4096;
		break;
	default:
		break;
	}
}

/* adr, adrp, and the addition of a number, which goes by the same name. */
static void read_address(struct insn *out)
{
	int64_t imm = a64_bits(out, 10, 12);

	if (a64_is(out, 0x1f000000, 0x10000000)) {
		imm = field(out, 5, 19, 2) | a64_bits(out, 29, 2);
		out->is_page = out->word >> 31;
		out->disp = out->is_page ? imm * DECODE_PAGE : imm - 4;
		out->base = DECODE_RIP;
	} else if (a64_is(out, 0x1f800000, 0x11000000) &&
		   !(a64_bits(out, 29, 1) && a64_rd(out) == A64_ZERO)) {
		imm <<= a64_bits(out, 22, 1) ? 12 : 0;
		out->disp = a64_bits(out, 30, 1) ? -imm : imm;
		out->base = a64_rn(out);
	} else {
		return;
	}
	out->has_memory = true;
	out->is_address = true;
}

/* br, blr, ret, their authenticated forms, and what only kernels run. */
static bool read_branch_to(struct insn *out)
{
	static const uint8_t flows[8] = {
		FLOW_JUMP_TO, FLOW_CALL_TO, FLOW_RETURN, FLOW_STOP,
		FLOW_STOP,    FLOW_STOP,    FLOW_STOP,	 FLOW_STOP,
	};

	out->flow = flows[a64_bits(out, 21, 3)];
	if (out->flow != FLOW_RETURN)
		out->to = a64_rn(out);
	return true;
}

static bool branch_by(struct insn *out, enum decode_flow flow, unsigned low,
		      unsigned count)
{
	out->flow = (uint8_t)flow;
	out->imm = field(out, low, count, 2) - 4;
	return true;
}

/* svc; brk and hlt stop; hvc and smc are refused to programs. */
static bool read_exception(struct insn *out)
{
	if (a64_is(out, 0xffe0001f, 0xd4000001))
		out->flow = FLOW_SYSCALL;
	else
		out->flow = FLOW_STOP;
	return true;
}

static bool read_branch(struct insn *out)
{
	if (a64_is(out, 0xfc000000, 0x14000000))
		return branch_by(out, FLOW_JUMP, 0, 26);
	if (a64_is(out, 0xfc000000, 0x94000000))
		return branch_by(out, FLOW_CALL, 0, 26);
	if (a64_is(out, 0xff000000, 0x54000000) ||
	    a64_is(out, 0x7e000000, 0x34000000))
		return branch_by(out, FLOW_BRANCH, 5, 19);
	if (a64_is(out, 0x7e000000, 0x36000000))
		return branch_by(out, FLOW_BRANCH, 5, 14);
	if (a64_is(out, 0x7e000000, 0x74000000)) /* cb: compare and branch */
		return branch_by(out, FLOW_BRANCH, 5, 9);
	if (a64_is(out, 0xff000000, 0xd4000000))
		return read_exception(out);
	if (a64_is(out, 0xfe000000, 0xd6000000))
		return read_branch_to(out);
	if (a64_is(out, 0xff00001f, 0x5500001f)) { /* retaasppc */
		out->flow = FLOW_RETURN;
		return true;
	}
	return a64_is(out, 0xff000000, 0xd5000000); /* system */
}

bool decode_a64(struct insn *out, const uint8_t *bytes, size_t len)
{
	*out = (struct insn){ .machine = &machine_aarch64,
			      .len = 4,
			      .to = DECODE_NONE,
			      .base = DECODE_NONE,
			      .index = DECODE_NONE,
			      .scale = 1 };
	if (len < 4)
		return false;
	out->word = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
		    (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
	switch (a64_group(out)) {
	case A64_NOTHING:
		return false;
	case A64_BRANCH:
		return read_branch(out);
	case A64_MEMORY:
		read_access(out);
		return true;
	case A64_IMMEDIATE:
		read_address(out);
		return true;
	default:
		return true;
	}
}

bool decode_a64_is_padding(const struct insn *insn)
{
	return insn->word == 0xd503201f;
}

/* By the highest byte of svc, which few other instructions have. */
bool decode_a64_may_call(const uint8_t *bytes, size_t len)
{
	const uint8_t *at = bytes, *end = bytes + len;

	for (; (at = memchr(at, 0xd4, (size_t)(end - at))); at++)
		if (at - bytes >= 3 && (at[-1] & 0xe0) == 0 &&
		    (at[-3] & 0x1f) == 1)
			return true;
	return false;
}
