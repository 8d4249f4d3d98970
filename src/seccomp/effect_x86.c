#include "seccomp/effect_x86.h"

#include "seccomp/effect_x86_0f.h"

unsigned effect_width(const struct insn *insn, bool is_byte)
{
	if (is_byte)
		return 1;
	if (insn->rex & REX_W)
		return 8;
	return insn->prefixes & PREFIX_OPSIZE ? 2 : 4;
}

/* ah, ch, dh and bh are the second bytes of the first four registers. */
static bool is_high(const struct insn *insn, uint8_t reg, unsigned width)
{
	return width == 1 && !insn->has_rex && reg >= 4 && reg < 8;
}

void effect_dest(struct effect *out, const struct insn *insn, uint8_t reg,
		 unsigned width, enum effect_source source)
{
	if (is_high(insn, reg, width)) {
		out->writes |= REG_BIT(reg - 4);
		return;
	}
	out->writes |= REG_BIT(reg);
	out->dest = reg;
	out->width = (uint8_t)width;
	out->source = source;
}

void effect_store_to(struct effect *out, unsigned width,
		     enum effect_source source)
{
	out->store = STORE_OPERAND;
	out->store_width = (uint8_t)width;
	out->source = source;
}

/* A register as the source; the second bytes are not followed. */
enum effect_source effect_from_reg(struct effect *out, const struct insn *insn,
				   uint8_t reg, unsigned width)
{
	out->reg = reg;
	return is_high(insn, reg, width) ? SOURCE_UNKNOWN : SOURCE_REG;
}

enum effect_source effect_from_rm(struct effect *out, const struct insn *insn,
				  unsigned width)
{
	if (insn->has_memory)
		return SOURCE_MEMORY;
	return effect_from_reg(out, insn, insn->rm, width);
}

/* To rm, which may be memory. */
void effect_to_rm(struct effect *out, const struct insn *insn, unsigned width,
		  enum effect_source source)
{
	if (insn->has_memory)
		effect_store_to(out, width, source);
	else
		effect_dest(out, insn, insn->rm, width, source);
}

void effect_push(struct effect *out, enum effect_source source)
{
	out->writes |= REG_BIT(REG_SP);
	out->store = STORE_PUSH;
	out->source = source;
}

static void pop(struct effect *out, const struct insn *insn, uint8_t reg)
{
	effect_dest(out, insn, reg, 8, SOURCE_MEMORY);
	out->writes |= REG_BIT(REG_SP);
	out->is_pop = true;
}

static void pop_to_rm(struct effect *out, const struct insn *insn)
{
	out->writes |= REG_BIT(REG_SP);
	if (insn->has_memory)
		out->store = STORE_ANYWHERE;
	else
		pop(out, insn, insn->rm);
}

static void extend(struct effect *out, const struct insn *insn,
		   enum effect_op op, unsigned from_width)
{
	effect_dest(out, insn, insn->reg, effect_width(insn, false),
		    effect_from_rm(out, insn, from_width));
	out->op = op;
	out->from_width = (uint8_t)from_width;
}

static void lea(struct effect *out, const struct insn *insn)
{
	unsigned width = effect_width(insn, false);
	bool is_plain = width >= 4 && !(insn->prefixes & PREFIX_ADDRSIZE);

	effect_dest(out, insn, insn->reg, width,
		    is_plain ? SOURCE_ADDRESS : SOURCE_UNKNOWN);
}

/* The string instructions: which registers move, and whether they store. */
static void string(struct effect *out, uint8_t opcode)
{
	static const uint32_t si = REG_BIT(REG_SI), di = REG_BIT(REG_DI),
			      cx = REG_BIT(REG_CX), ax = REG_BIT(REG_AX);

	switch (opcode & 0xfe) {
	case 0xa4: /* movs */
		out->writes |= si | di | cx;
		out->store = STORE_ANYWHERE;
		break;
	case 0xa6: /* cmps */
		out->writes |= si | di | cx;
		break;
	case 0x6c: /* ins */
	case 0xaa: /* stos */
		out->writes |= di | cx;
		out->store = STORE_ANYWHERE;
		break;
	case 0xac: /* lods */
		out->writes |= ax | si | cx;
		break;
	case 0xae: /* scas */
		out->writes |= di | cx;
		break;
	default: /* outs */
		out->writes |= si | cx;
		break;
	}
}

static void mov_imm(struct effect *out, const struct insn *insn)
{
	bool is_byte = insn->opcode < 0xb8;
	uint8_t reg = (uint8_t)((insn->opcode & 7) | (insn->rex & REX_B) << 3);

	out->imm = insn->imm;
	effect_dest(out, insn, reg, effect_width(insn, is_byte), SOURCE_CONST);
}

static uint8_t short_reg(const struct insn *insn)
{
	return (uint8_t)((insn->opcode & 7) | (insn->rex & REX_B) << 3);
}

/* Opcodes 40 to 8f; a flat switch. */
static void from_40(struct effect *out, const struct insn *insn)
{
	uint8_t op = insn->opcode;
	unsigned width = effect_width(insn, !(op & 1));

	switch (op) {
	case 0x50 ... 0x57:
		effect_push(out,
			    effect_from_reg(out, insn, short_reg(insn), 8));
		break;
	case 0x58 ... 0x5f:
		pop(out, insn, short_reg(insn));
		break;
	case 0x63:
		extend(out, insn, OP_SIGN, 4);
		break;
	case 0x68:
	case 0x6a:
		out->imm = insn->imm;
		effect_push(out, SOURCE_CONST);
		break;
	case 0x69:
	case 0x6b:
		effect_dest(out, insn, insn->reg, 8, SOURCE_UNKNOWN);
		break;
	case 0x6c ... 0x6f:
		string(out, op);
		break;
	case 0x80 ... 0x83:
		effect_alu_imm(out, insn, insn->reg & 7,
			       effect_width(insn, op == 0x80));
		break;
	case 0x86:
	case 0x87:
		effect_dest(out, insn, insn->reg, width, SOURCE_UNKNOWN);
		effect_to_rm(out, insn, width, SOURCE_UNKNOWN);
		out->dest = DECODE_NONE;
		break;
	case 0x88:
	case 0x89:
		effect_to_rm(out, insn, width,
			     effect_from_reg(out, insn, insn->reg, width));
		break;
	case 0x8a:
	case 0x8b:
		effect_dest(out, insn, insn->reg, width,
			    effect_from_rm(out, insn, width));
		break;
	case 0x8c:
		effect_to_rm(out, insn, 8, SOURCE_UNKNOWN);
		break;
	case 0x8d:
		lea(out, insn);
		break;
	case 0x8f:
		pop_to_rm(out, insn);
		break;
	default:
		break;
	}
}

/* Opcodes 90 to bf; a flat switch. */
static void from_90(struct effect *out, const struct insn *insn)
{
	uint8_t op = insn->opcode;

	switch (op) {
	case 0x90 ... 0x97:
		if (op != 0x90 || insn->rex & REX_B)
			out->writes |= REG_BIT(REG_AX) |
				       REG_BIT(short_reg(insn));
		break;
	case 0x98:
		effect_dest(out, insn, REG_AX, effect_width(insn, false),
			    SOURCE_REG);
		out->op = OP_SIGN;
		out->reg = REG_AX;
		out->from_width = out->width / 2;
		break;
	case 0x99:
		out->writes |= REG_BIT(REG_DX);
		break;
	case 0x9c:
		effect_push(out, SOURCE_UNKNOWN);
		break;
	case 0x9d:
		pop(out, insn, REG_SP);
		out->dest = DECODE_NONE;
		break;
	case 0x9f:
	case 0xa0:
	case 0xa1:
		out->writes |= REG_BIT(REG_AX);
		break;
	case 0xa2:
	case 0xa3:
		out->store = STORE_ANYWHERE;
		break;
	case 0xa4 ... 0xa7:
	case 0xaa ... 0xaf:
		string(out, op);
		break;
	case 0xb0 ... 0xbf:
		mov_imm(out, insn);
		break;
	default:
		break;
	}
}

/* Beginning a transaction, it is a branch. */
static void mov_imm_to_rm(struct effect *out, const struct insn *insn)
{
	out->imm = insn->imm;
	if (insn->flow == FLOW_BRANCH)
		out->writes |= REG_BIT(REG_AX);
	else
		effect_to_rm(out, insn,
			     effect_width(insn, insn->opcode == 0xc6),
			     SOURCE_CONST);
}

/* Opcodes c0 to ff; a flat switch. */
static void from_c0(struct effect *out, const struct insn *insn)
{
	uint8_t op = insn->opcode;

	switch (op) {
	case 0xc0:
	case 0xc1:
		effect_shift(out, insn, false);
		break;
	case 0xc6:
	case 0xc7:
		mov_imm_to_rm(out, insn);
		break;
	case 0xc8:
		out->writes |= REG_BIT(REG_SP) | REG_BIT(REG_BP);
		out->store = STORE_ANYWHERE;
		break;
	case 0xc9:
		out->writes |= REG_BIT(REG_SP) | REG_BIT(REG_BP);
		out->is_leave = true;
		break;
	case 0xcd:
	case 0xd7:
	case 0xe4:
	case 0xe5:
	case 0xec:
	case 0xed:
		out->writes |= REG_BIT(REG_AX);
		break;
	case 0xd0 ... 0xd3:
		effect_shift(out, insn, true);
		break;
	case 0xd8 ... 0xdf: /* x87: a store it may be, at most 108 bytes */
		out->writes |= op == 0xdf ? REG_BIT(REG_AX) : 0;
		if (insn->has_memory)
			effect_store_to(out, 108, SOURCE_UNKNOWN);
		break;
	case 0xe0 ... 0xe2:
		out->writes |= REG_BIT(REG_CX);
		break;
	case 0xf6:
	case 0xf7:
		effect_group_f6(out, insn);
		break;
	case 0xfe:
	case 0xff:
		effect_group_ff(out, insn);
		break;
	default:
		break;
	}
}

static void move_if(struct effect *out, const struct insn *insn)
{
	unsigned width = effect_width(insn, false);

	effect_dest(out, insn, insn->reg, width,
		    effect_from_rm(out, insn, width));
	out->is_maybe = true;
}

/* The few of the second table whose values are followed. */
static bool second_table(struct effect *out, const struct insn *insn)
{
	uint8_t op = insn->opcode;

	if ((op & 0xf0) == 0x40) {
		move_if(out, insn);
		return true;
	}
	if ((op & 0xf0) == 0x90) {
		effect_to_rm(out, insn, 1, SOURCE_BIT);
		return true;
	}
	switch (op) {
	case 0xb6:
	case 0xb7:
		extend(out, insn, OP_ZERO, op & 1 ? 2 : 1);
		return true;
	case 0xbe:
	case 0xbf:
		extend(out, insn, OP_SIGN, op & 1 ? 2 : 1);
		return true;
	case 0xc3:
		effect_to_rm(out, insn, effect_width(insn, false),
			     effect_from_reg(out, insn, insn->reg, 8));
		return true;
	case 0xa0:
	case 0xa8:
		effect_push(out, SOURCE_UNKNOWN);
		return true;
	case 0xa1:
	case 0xa9:
		pop(out, insn, REG_SP);
		out->dest = DECODE_NONE;
		return true;
	default:
		return false;
	}
}

void effect_x86(struct effect *out, const struct insn *insn)
{
	if (insn->encoding == ENCODING_LEGACY && insn->map == MAP_ONE) {
		if (insn->opcode < 0x40)
			effect_alu(out, insn);
		else if (insn->opcode < 0x90)
			from_40(out, insn);
		else if (insn->opcode < 0xc0)
			from_90(out, insn);
		else
			from_c0(out, insn);
		return;
	}
	if (insn->encoding == ENCODING_LEGACY && insn->map == MAP_0F &&
	    second_table(out, insn))
		return;
	effect_clobbers(out, insn);
}
