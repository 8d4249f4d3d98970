#include "seccomp/effect_x86.h"

/* rm = rm op imm. */
static void change_rm(struct effect *out, const struct insn *insn,
		      unsigned width, enum effect_op op, int64_t imm)
{
	out->op = insn->has_memory ? (uint8_t)OP_NONE : (uint8_t)op;
	out->imm = imm;
	effect_to_rm(out, insn, width,
		     insn->has_memory || op == OP_NONE ? SOURCE_UNKNOWN
						       : SOURCE_SELF);
}

/* add, or, adc, sbb, and, sub, xor, cmp with a number. */
static enum effect_op alu_op(unsigned kind, int64_t *imm)
{
	static const uint8_t ops[8] = { OP_ADD, OP_OR,	OP_NONE, OP_NONE,
					OP_AND, OP_ADD, OP_XOR,	 OP_NONE };

	if (kind == 5)
		*imm = (int64_t) - (uint64_t)*imm;
	return ops[kind];
}

enum { ALU_SBB = 3, ALU_SUB = 5, ALU_XOR = 6, ALU_CMP = 7 };

void effect_alu_imm(struct effect *out, const struct insn *insn, unsigned kind,
		    unsigned width)
{
	int64_t imm = insn->imm;
	enum effect_op op = alu_op(kind, &imm);

	if (kind != ALU_CMP)
		change_rm(out, insn, width, op, imm);
}

/* A register with itself gives what does not depend on it. */
static void alu_self(struct effect *out, const struct insn *insn, unsigned kind,
		     unsigned width)
{
	enum effect_source source = SOURCE_UNKNOWN;

	if (kind == ALU_SUB || kind == ALU_XOR)
		source = SOURCE_CONST;
	else if (kind == ALU_SBB)
		source = SOURCE_MASK;
	effect_dest(out, insn, insn->rm, width, source);
}

void effect_alu(struct effect *out, const struct insn *insn)
{
	unsigned kind = insn->opcode >> 3;
	unsigned form = insn->opcode & 7;
	unsigned width = effect_width(insn, !(form & 1));
	int64_t imm = insn->imm;

	if (kind == ALU_CMP)
		return;
	if (form >= 4) {
		enum effect_op op = alu_op(kind, &imm);

		out->op = op;
		out->imm = imm;
		effect_dest(out, insn, REG_AX, width,
			    op == OP_NONE ? SOURCE_UNKNOWN : SOURCE_SELF);
	} else if (!insn->has_memory && insn->rm == insn->reg) {
		alu_self(out, insn, kind, width);
	} else if (form < 2) {
		effect_to_rm(out, insn, width, SOURCE_UNKNOWN);
	} else {
		effect_dest(out, insn, insn->reg, width, SOURCE_UNKNOWN);
	}
}

void effect_shift(struct effect *out, const struct insn *insn, bool is_one)
{
	unsigned width = effect_width(insn, !(insn->opcode & 1));
	unsigned kind = insn->reg & 7;
	int64_t count = is_one ? 1 : insn->imm & (width == 8 ? 63 : 31);
	enum effect_op op = kind == 4 || kind == 6 ? OP_SHL
			    : kind == 5		   ? OP_SHR
						   : OP_NONE;

	if ((insn->opcode & 0xfe) == 0xd2)
		op = OP_NONE;
	change_rm(out, insn, width, op, count);
}

/* not, neg; mul and div; test. */
void effect_group_f6(struct effect *out, const struct insn *insn)
{
	unsigned width = effect_width(insn, insn->opcode == 0xf6);

	switch (insn->reg & 7) {
	case 0:
	case 1:
		break;
	case 2:
		change_rm(out, insn, width, OP_NOT, 0);
		break;
	case 3:
		change_rm(out, insn, width, OP_NEG, 0);
		break;
	default:
		out->writes |= REG_BIT(REG_AX) | REG_BIT(REG_DX);
		break;
	}
}

void effect_group_ff(struct effect *out, const struct insn *insn)
{
	unsigned width = effect_width(insn, insn->opcode == 0xfe);
	unsigned kind = insn->reg & 7;

	if (kind < 2)
		change_rm(out, insn, width, OP_ADD, kind ? -1 : 1);
	else if (kind == 6)
		effect_push(out,
			    insn->has_memory
				    ? SOURCE_UNKNOWN
				    : effect_from_reg(out, insn, insn->rm, 8));
}
