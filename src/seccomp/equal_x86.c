#include "seccomp/decode_x86.h"
#include "seccomp/effect_x86.h"
#include "seccomp/equal.h"

enum { CONDITION_EQUAL = 4, CONDITION_NOT_EQUAL = 5, ALU_CMP = 7 };

static bool is_one(const struct insn *insn)
{
	return insn->encoding == ENCODING_LEGACY && insn->map == MAP_ONE;
}

/* je and jne; what looks at rcx instead has no use for compilers. */
bool equal_x86_way(struct equal *out, const struct insn *branch, bool is_jump)
{
	unsigned wanted = is_jump ? CONDITION_EQUAL : CONDITION_NOT_EQUAL;
	unsigned first = is_one(branch) ? 0x70 : 0x80;

	(void)out;
	return branch->flow == FLOW_BRANCH &&
	       branch->opcode == (first | wanted);
}

/* A register and a number, of four bytes at least: no byte of it is "ah". */
static bool is_fact(struct equal *out, const struct insn *insn, uint8_t reg,
		    int64_t value)
{
	unsigned width = effect_width(insn, false);

	if (width < 4)
		return false;
	*out = (struct equal){
		.reg = reg,
		.width = (uint8_t)width,
		.value = width == 4 ? (uint32_t)value : (uint64_t)value,
	};
	return true;
}

/* What is computed and tells by the zero flag whether the result is zero. */
static bool is_computed(const struct insn *insn)
{
	switch (insn->opcode) {
	case 0x00 ... 0x37: /* add, or, adc, sbb, and, sub, xor */
		return (insn->opcode & 7) < 6;
	case 0x81:
	case 0x83:
		return true;
	case 0xf7:
		return (insn->reg & 7) == 3; /* neg */
	case 0xff:
		return (insn->reg & 7) < 2; /* inc, dec */
	default:
		return false;
	}
}

bool equal_x86_sets(struct equal *out, const struct insn *insn)
{
	bool is_imm = insn->opcode == 0x81 || insn->opcode == 0x83;
	struct effect e;

	if (!is_one(insn))
		return false;
	if (insn->opcode == 0x85) /* test */
		return !insn->has_memory && insn->reg == insn->rm &&
		       is_fact(out, insn, insn->rm, 0);
	if (insn->opcode == 0x3d)
		return is_fact(out, insn, REG_AX, insn->imm);
	if (is_imm && (insn->reg & 7) == ALU_CMP)
		return !insn->has_memory &&
		       is_fact(out, insn, insn->rm, insn->imm);
	if (!is_computed(insn))
		return false;
	effect_of(&e, insn);
	return e.dest != DECODE_NONE && e.width >= 4 && !e.store &&
	       is_fact(out, insn, e.dest, 0);
}

/* Moves, which are what compilers put between a compare and its branch. */
bool equal_x86_keeps(const struct insn *insn)
{
	if (insn->encoding != ENCODING_LEGACY || insn->flow != FLOW_NEXT)
		return false;
	if (insn->map == MAP_ONE)
		switch (insn->opcode) {
		case 0x50 ... 0x5f:
		case 0x63:
		case 0x88 ... 0x8b:
		case 0x8d:
		case 0x90:
		case 0xb0 ... 0xbf:
			return true;
		case 0xc6:
		case 0xc7:
			return !(insn->reg & 7);
		default:
			return false;
		}
	if (insn->map == MAP_0F)
		switch (insn->opcode) {
		case 0x10:
		case 0x11:
		case 0x1f:
		case 0x28:
		case 0x29:
		case 0x40 ... 0x4f:
		case 0x6e:
		case 0x6f:
		case 0x7e:
		case 0x7f:
		case 0x90 ... 0x9f:
		case 0xb6:
		case 0xb7:
		case 0xbe:
		case 0xbf:
			return true;
		default:
			return false;
		}
	return false;
}

/* The lowest bit of a condition turns it round. */
int equal_x86_compared_way(const struct insn *branch, uint64_t number,
			   uint64_t with, unsigned width)
{
	bool is_short = is_one(branch) && (branch->opcode & 0xf0) == 0x70;
	bool is_long = branch->encoding == ENCODING_LEGACY &&
		       branch->map == MAP_0F && (branch->opcode & 0xf0) == 0x80;
	unsigned unused = 64 - 8 * width;
	uint64_t a = number << unused, b = with << unused;
	bool is_so;

	if (branch->flow != FLOW_BRANCH || (!is_short && !is_long))
		return -1;
	switch (branch->opcode & 0xe) {
	case 0x2:
		is_so = a < b;
		break;
	case 0x4:
		is_so = a == b;
		break;
	case 0x6:
		is_so = a <= b;
		break;
	case 0xc:
		is_so = (int64_t)a < (int64_t)b;
		break;
	case 0xe:
		is_so = (int64_t)a <= (int64_t)b;
		break;
	default: /* overflow, sign and parity */
		return -1;
	}
	return is_so != (branch->opcode & 1);
}
