#include "seccomp/decode_a64.h"
#include "seccomp/effect_a64.h"

enum { STRUCTURE_BYTES = 64 };

static void store(struct effect *out, unsigned width, uint8_t reg)
{
	out->store = STORE_OPERAND;
	out->store_width = (uint8_t)width;
	out->source = SOURCE_REG;
	out->reg = reg;
}

static void store_unknown(struct effect *out, unsigned width)
{
	out->store = STORE_OPERAND;
	out->store_width = (uint8_t)width;
}

/* What kind of load: bit 23 says signed, bit 22 then how far. */
static void load(struct effect *out, const struct insn *insn)
{
	unsigned log = a64_access_log(insn);
	bool is_signed = a64_bits(insn, 23, 1);
	bool is_wide = is_signed ? !a64_bits(insn, 22, 1) : log == 3;

	effect_a64_dest(out, a64_no_zero(a64_rd(insn)), is_wide ? 8 : 4,
			SOURCE_MEMORY);
	if (log < (is_wide ? 3 : 2)) {
		out->op = is_signed ? OP_SIGN : OP_ZERO;
		out->from_width = (uint8_t)(1 << log);
	}
}

/* One register. What would be a signed load of eight bytes is a prefetch. */
static void one(struct effect *out, const struct insn *insn)
{
	unsigned log = a64_access_log(insn);
	unsigned kind = a64_bits(insn, 22, 2);

	if (a64_bits(insn, 26, 1)) {
		if (!(kind & 1))
			store_unknown(out, 1u << log);
	} else if (!kind) {
		store(out, 1u << log, a64_no_zero(a64_rd(insn)));
	} else if (log < 3 || kind == 1) {
		load(out, insn);
	}
}

static void literal(struct effect *out, const struct insn *insn)
{
	unsigned size = a64_bits(insn, 30, 2);

	if (a64_bits(insn, 26, 1) || size == 3)
		return;
	effect_a64_dest(out, a64_no_zero(a64_rd(insn)), size ? 8 : 4,
			SOURCE_MEMORY);
	if (size == 2) {
		out->op = OP_SIGN;
		out->from_width = 4;
	}
}

static void load_pair(struct effect *out, const struct insn *insn)
{
	unsigned log = a64_access_log(insn);
	uint8_t first = a64_no_zero(a64_rd(insn));
	uint8_t second = a64_no_zero(a64_ra(insn));
	bool is_signed = a64_bits(insn, 30, 2) == 1;

	effect_a64_dest(out, first, is_signed ? 8 : 1u << log, SOURCE_MEMORY);
	if (is_signed) {
		out->op = OP_SIGN;
		out->from_width = 4;
	}
	out->dest_next = second;
	effect_a64_clobber(out, second);
}

static void pair(struct effect *out, const struct insn *insn)
{
	unsigned log = a64_access_log(insn);
	bool is_vector = a64_bits(insn, 26, 1);

	if (a64_bits(insn, 22, 1)) {
		if (!is_vector)
			load_pair(out, insn);
	} else if (is_vector || log == 4) {
		store_unknown(out, 2u << log);
	} else {
		store(out, 2u << log, a64_no_zero(a64_rd(insn)));
		out->is_pair = true;
		out->other = a64_no_zero(a64_ra(insn));
	}
}

/* The base moves on, by what the instruction says. */
static void step(struct effect *out, const struct insn *insn, bool is_pair)
{
	unsigned low = is_pair ? 15 : 12, count = is_pair ? 7 : 9;
	uint64_t imm = (uint64_t)a64_bits(insn, low, count) << (64 - count);
	unsigned log = is_pair ? a64_access_log(insn) : 0;

	out->step = ((int64_t)imm >> (64 - count)) * (1 << log);
	effect_a64_clobber(out, insn->base);
}

static void exclusive(struct effect *out, const struct insn *insn)
{
	bool is_plain = a64_bits(insn, 23, 1) && !a64_bits(insn, 21, 1);
	bool is_load = a64_bits(insn, 22, 1);
	uint8_t status = a64_no_zero(a64_rm(insn));
	bool is_pair = a64_bits(insn, 21, 1) && !a64_bits(insn, 23, 1);

	if (is_load)
		effect_a64_clobber(out, a64_no_zero(a64_rd(insn)));
	if (is_plain && is_load)
		return;
	if (is_load && is_pair)
		effect_a64_clobber(out, a64_no_zero(a64_ra(insn)));
	store_unknown(out, 16);
	if (is_plain)
		return;
	effect_a64_clobber(out, status);
	if (is_pair && status != DECODE_NONE)
		effect_a64_clobber(out, a64_no_zero(status + 1));
}

static void structure(struct effect *out, const struct insn *insn)
{
	if (!a64_bits(insn, 22, 1))
		store_unknown(out, STRUCTURE_BYTES);
	if (a64_bits(insn, 23, 1))
		effect_a64_clobber(out, insn->base);
}

/* Copies of memory, tags, 128-bit atomics: whatever they name may change. */
static void other(struct effect *out, const struct insn *insn)
{
	out->writes |= REG_BIT(a64_rd(insn)) | REG_BIT(a64_rn(insn)) |
		       REG_BIT(a64_rm(insn)) | REG_BIT(a64_ra(insn));
	out->store = STORE_ANYWHERE;
}

void effect_a64_memory(struct effect *out, const struct insn *insn)
{
	switch (a64_access(insn)) {
	case ACCESS_LITERAL:
		literal(out, insn);
		break;
	case ACCESS_BEFORE:
	case ACCESS_AFTER:
		step(out, insn, false);
		one(out, insn);
		break;
	case ACCESS_PLAIN:
		one(out, insn);
		break;
	case ACCESS_PAIR_BEFORE:
	case ACCESS_PAIR_AFTER:
		step(out, insn, true);
		pair(out, insn);
		break;
	case ACCESS_PAIR:
		pair(out, insn);
		break;
	case ACCESS_SIGNED:
		effect_a64_clobber(out, a64_no_zero(a64_rd(insn)));
		if (a64_bits(insn, 11, 1))
			effect_a64_clobber(out, insn->base);
		break;
	case ACCESS_EXCLUSIVE:
		exclusive(out, insn);
		break;
	case ACCESS_ATOMIC:
		effect_a64_clobber(out, a64_no_zero(a64_rd(insn)));
		store_unknown(out, 1u << a64_access_log(insn));
		break;
	case ACCESS_STRUCTURE:
		structure(out, insn);
		break;
	default:
		other(out, insn);
		break;
	}
}
