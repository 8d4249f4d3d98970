#include "seccomp/decode_a64.h"
#include "seccomp/equal.h"

enum { CONDITION_EQUAL = 0, CONDITION_NOT_EQUAL = 1 };

/* Register 31 is zero, or the stack pointer: of neither anything is said. */
static bool is_fact(struct equal *out, const struct insn *insn, uint8_t reg,
		    uint64_t value)
{
	if (reg == A64_ZERO)
		return false;
	*out = (struct equal){
		.reg = reg,
		.width = insn->word >> 31 ? 8 : 4,
		.value = value,
	};
	return true;
}

/* cbz and cbnz look at a register; b.eq and b.ne at the flags. */
bool equal_a64_way(struct equal *out, const struct insn *branch, bool is_jump)
{
	unsigned wanted = is_jump ? CONDITION_EQUAL : CONDITION_NOT_EQUAL;

	if (a64_is(branch, 0x7f000000, 0x34000000 | wanted << 24))
		return is_fact(out, branch, a64_rd(branch), 0);
	return a64_is(branch, 0xff00001f, 0x54000000 | wanted);
}

bool equal_a64_sets(struct equal *out, const struct insn *insn)
{
	uint64_t imm = (uint64_t)a64_bits(insn, 10, 12)
		       << 12 * a64_bits(insn, 22, 1);

	/* cmp $n, which is subs into nothing. */
	if (a64_is(insn, 0x7f80001f, 0x7100001f))
		return is_fact(out, insn, a64_rn(insn), imm);
	/* tst of a register with itself. */
	if (a64_is(insn, 0x7fe0fc1f, 0x6a00001f) &&
	    a64_rn(insn) == a64_rm(insn))
		return is_fact(out, insn, a64_rn(insn), 0);
	/* adds, subs and ands with a number, adds, subs, ands with another. */
	if (a64_is(insn, 0x3f800000, 0x31000000) ||
	    a64_is(insn, 0x7f800000, 0x72000000) ||
	    a64_is(insn, 0x3f000000, 0x2b000000) ||
	    a64_is(insn, 0x7f000000, 0x6a000000))
		return is_fact(out, insn, a64_rd(insn), 0);
	return false;
}

/* What compilers put between a compare and its branch. */
bool equal_a64_keeps(const struct insn *insn)
{
	bool is_flags = a64_bits(insn, 29, 1);

	switch (a64_group(insn)) {
	case A64_IMMEDIATE:
		return a64_is(insn, 0x1f000000, 0x10000000) || /* adr */
		       a64_is(insn, 0x1f800000, 0x12800000) || /* movz */
		       a64_is(insn, 0x1f000000, 0x13000000) || /* ubfm */
		       (a64_is(insn, 0x1f800000, 0x11000000) && !is_flags) ||
		       (a64_is(insn, 0x1f800000, 0x12000000) &&
			a64_bits(insn, 29, 2) != 3);
	case A64_REGISTER:
		return (a64_is(insn, 0x1f000000, 0x0a000000) &&
			a64_bits(insn, 29, 2) != 3) ||
		       (a64_is(insn, 0x1f000000, 0x0b000000) && !is_flags);
	case A64_MEMORY:
		switch (a64_access(insn)) {
		case ACCESS_LITERAL:
		case ACCESS_PLAIN:
		case ACCESS_BEFORE:
		case ACCESS_AFTER:
		case ACCESS_PAIR:
		case ACCESS_PAIR_BEFORE:
		case ACCESS_PAIR_AFTER:
			return true;
		default:
			return false;
		}
	default:
		return false;
	}
}
