#include "seccomp/effect_a64.h"

#include "seccomp/decode_a64.h"

void effect_a64_dest(struct effect *out, uint8_t reg, unsigned width,
		     enum effect_source source)
{
	out->width = (uint8_t)width;
	out->source = source;
	if (reg == DECODE_NONE)
		return;
	out->dest = reg;
	out->writes |= REG_BIT(reg);
}

static unsigned width_of(const struct insn *insn)
{
	return insn->word >> 31 ? 8 : 4;
}

static void set_const(struct effect *out, const struct insn *insn, uint8_t reg,
		      uint64_t imm)
{
	effect_a64_dest(out, reg, width_of(insn), SOURCE_CONST);
	out->imm = (int64_t)imm;
}

/* dest = reg op imm; reg may be zero's number. */
static void set_changed(struct effect *out, const struct insn *insn,
			uint8_t dest, uint8_t reg, enum effect_op op)
{
	effect_a64_dest(out, dest, width_of(insn), SOURCE_REG);
	out->reg = reg;
	out->op = (uint8_t)op;
}

static void set_unknown(struct effect *out, const struct insn *insn,
			uint8_t dest)
{
	effect_a64_dest(out, dest, width_of(insn), SOURCE_UNKNOWN);
}

/*
 * The number that a logical instruction's thirteen bits stand for: ones,
 * rotated, in each element of 2 to 64 bits. See DecodeBitMasks in the manual.
 */
static uint64_t bit_mask(const struct insn *insn)
{
	uint32_t ones = a64_bits(insn, 10, 6);
	uint32_t turn = a64_bits(insn, 16, 6);
	uint32_t kind = a64_bits(insn, 22, 1) << 6 | (~ones & 0x3f);
	unsigned log = 6;

	while (log && !(kind >> log))
		log--;
	unsigned size = 1u << log;

	ones = (ones & (size - 1)) + 1;
	turn &= size - 1;
	uint64_t mask = size == 64 ? ~(uint64_t)0 : ((uint64_t)1 << size) - 1;
	uint64_t bits = ones >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << ones) - 1;

	if (turn)
		bits = (bits >> turn | bits << (size - turn)) & mask;
	for (; size < 64; size *= 2)
		bits |= bits << size;
	return width_of(insn) == 8 ? bits : bits & UINT32_MAX;
}

enum { LOGIC_AND, LOGIC_OR, LOGIC_XOR, LOGIC_AND_FLAGS };

static void logic_imm(struct effect *out, const struct insn *insn)
{
	static const uint8_t ops[4] = { OP_AND, OP_OR, OP_XOR, OP_AND };
	uint32_t kind = a64_bits(insn, 29, 2);
	uint8_t dest = a64_rd(insn);
	uint64_t imm = bit_mask(insn);

	if (kind == LOGIC_AND_FLAGS)
		dest = a64_no_zero(dest);
	if (a64_rn(insn) == A64_ZERO) {
		set_const(out, insn, dest,
			  kind == LOGIC_OR || kind == LOGIC_XOR ? imm : 0);
		return;
	}
	set_changed(out, insn, dest, a64_rn(insn), ops[kind]);
	out->imm = (int64_t)imm;
}

enum { MOVE_NOT = 0, MOVE_ZERO = 2, MOVE_KEEP = 3 };

static void move_wide(struct effect *out, const struct insn *insn)
{
	unsigned shift = 16 * a64_bits(insn, 21, 2);
	uint64_t imm = (uint64_t)a64_bits(insn, 5, 16) << shift;
	uint8_t dest = a64_no_zero(a64_rd(insn));

	switch (a64_bits(insn, 29, 2)) {
	case MOVE_NOT:
		set_const(out, insn, dest, ~imm);
		break;
	case MOVE_ZERO:
		set_const(out, insn, dest, imm);
		break;
	case MOVE_KEEP:
		set_changed(out, insn, dest, a64_rd(insn), OP_INSERT);
		out->from_width = (uint8_t)(shift / 8);
		out->imm = (int64_t)imm;
		break;
	default:
		set_unknown(out, insn, dest);
		break;
	}
}

/* ubfm and sbfm: extensions and shifts by a number are what they are for. */
static void bit_field(struct effect *out, const struct insn *insn)
{
	unsigned turn = a64_bits(insn, 16, 6), last = a64_bits(insn, 10, 6);
	unsigned bits = 8 * width_of(insn);
	uint32_t kind = a64_bits(insn, 29, 2);
	uint8_t dest = a64_no_zero(a64_rd(insn));
	bool is_whole = last == 7 || last == 15 || last == 31;

	set_changed(out, insn, dest, a64_rn(insn), OP_NONE);
	if (turn == 0 && is_whole && kind != 1) {
		out->op = kind ? OP_ZERO : OP_SIGN;
		out->from_width = (uint8_t)((last + 1) / 8);
	} else if (kind == 2 && last == bits - 1) {
		out->op = OP_SHR;
		out->imm = turn;
	} else if (kind == 2 && last + 1 == turn) {
		out->op = OP_SHL;
		out->imm = bits - turn;
	} else {
		set_unknown(out, insn, dest);
	}
	if (out->source == SOURCE_REG && a64_rn(insn) == A64_ZERO)
		set_const(out, insn, dest, 0);
}

static void immediate(struct effect *out, const struct insn *insn)
{
	bool is_flags = a64_bits(insn, 29, 1);

	if (a64_is(insn, 0x1f000000, 0x10000000)) {
		effect_a64_dest(out, a64_no_zero(a64_rd(insn)), 8,
				SOURCE_ADDRESS);
	} else if (a64_is(insn, 0x1f800000, 0x11000000)) {
		effect_a64_dest(out,
				is_flags ? a64_no_zero(a64_rd(insn))
					 : a64_rd(insn),
				width_of(insn), SOURCE_ADDRESS);
	} else if (a64_is(insn, 0x1f800000, 0x12000000)) {
		logic_imm(out, insn);
	} else if (a64_is(insn, 0x1f800000, 0x12800000)) {
		move_wide(out, insn);
	} else if (a64_is(insn, 0x1f800000, 0x13000000)) {
		bit_field(out, insn);
	} else if (a64_is(insn, 0x1f800000, 0x11800000)) {
		set_unknown(out, insn, a64_rd(insn)); /* addg: the stack, too */
	} else {
		set_unknown(out, insn, a64_no_zero(a64_rd(insn)));
	}
}

/* mov is or with zero; mvn the same of the complement. */
static void logic(struct effect *out, const struct insn *insn)
{
	uint32_t kind = a64_bits(insn, 29, 2);
	bool is_not = a64_bits(insn, 21, 1);
	bool is_shifted = a64_is(insn, 0x00c0fc00, 0) ? false : true;
	uint8_t dest = a64_no_zero(a64_rd(insn));
	uint8_t rn = a64_rn(insn), rm = a64_rm(insn);

	if (kind == LOGIC_XOR && rn == rm && !is_not && !is_shifted)
		set_const(out, insn, dest, 0);
	else if (kind != LOGIC_OR || rn != A64_ZERO || is_shifted)
		set_unknown(out, insn, dest);
	else if (rm == A64_ZERO)
		set_const(out, insn, dest, is_not ? ~(uint64_t)0 : 0);
	else
		set_changed(out, insn, dest, rm, is_not ? OP_NOT : OP_NONE);
}

static void add(struct effect *out, const struct insn *insn)
{
	bool is_sub = a64_bits(insn, 30, 1);
	bool is_shifted = a64_is(insn, 0x00c0fc00, 0) ? false : true;
	uint8_t dest = a64_no_zero(a64_rd(insn));
	uint8_t rn = a64_rn(insn), rm = a64_rm(insn);

	if (is_shifted)
		set_unknown(out, insn, dest);
	else if (is_sub && rn == rm)
		set_const(out, insn, dest, 0);
	else if (rm == A64_ZERO && rn != A64_ZERO)
		set_changed(out, insn, dest, rn, OP_NONE);
	else if (rn == A64_ZERO && rm != A64_ZERO)
		set_changed(out, insn, dest, rm, is_sub ? OP_NEG : OP_NONE);
	else
		set_unknown(out, insn, dest);
}

/* csel, csinc, csinv, csneg: the one, or the other changed. */
static void choose(struct effect *out, const struct insn *insn)
{
	static const uint8_t ops[4] = { OP_NONE, OP_ADD, OP_NOT, OP_NEG };
	uint32_t kind = a64_bits(insn, 30, 1) << 1 | a64_bits(insn, 10, 1);

	effect_a64_dest(out, a64_no_zero(a64_rd(insn)), width_of(insn),
			SOURCE_EITHER);
	out->reg = a64_no_zero(a64_rn(insn));
	out->other = a64_no_zero(a64_rm(insn));
	out->op = ops[kind];
	out->imm = 1;
}

/* Compares that only set flags have no register to write. */
static bool is_flags_alone(const struct insn *insn)
{
	return a64_is(insn, 0x1fe00000, 0x1a400000) || /* ccmp */
	       a64_is(insn, 0x1fe07c00, 0x1a000400) || /* rmif */
	       a64_is(insn, 0x1fe03c00, 0x1a000800);   /* setf8, setf16 */
}

static void registers(struct effect *out, const struct insn *insn)
{
	bool is_flags = a64_bits(insn, 29, 1);

	if (a64_is(insn, 0x1f000000, 0x0a000000))
		logic(out, insn);
	else if (a64_is(insn, 0x1f200000, 0x0b000000))
		add(out, insn);
	else if (a64_is(insn, 0x1f200000, 0x0b200000))
		set_unknown(out, insn,
			    is_flags ? a64_no_zero(a64_rd(insn))
				     : a64_rd(insn));
	else if (a64_is(insn, 0x1fe00000, 0x1a800000))
		choose(out, insn);
	else if (a64_is(insn, 0x5fe00000, 0x1ac00000))
		set_unknown(out, insn, a64_rd(insn)); /* irg: the stack, too */
	else if (!is_flags_alone(insn))
		set_unknown(out, insn, a64_no_zero(a64_rd(insn)));
}

/* Hints that sign and check addresses, in place. */
static void hint(struct effect *out, const struct insn *insn)
{
	switch (a64_bits(insn, 5, 7)) {
	case 7:		/* xpaclri */
	case 24 ... 31: /* paciasp and its kin */
		effect_a64_clobber(out, A64_LR);
		break;
	case 8:
	case 10:
	case 12:
	case 14:
		effect_a64_clobber(out, A64_IP1);
		break;
	case 40: /* chkfeat */
		effect_a64_clobber(out, A64_IP0);
		break;
	default:
		break;
	}
}

static void system_group(struct effect *out, const struct insn *insn)
{
	if (a64_is(insn, 0xfffff01f, 0xd503201f))
		hint(out, insn);
	else if (a64_bits(insn, 21, 1))
		effect_a64_clobber(out, a64_no_zero(a64_rd(insn)));
	else if (a64_is(insn, 0xfff80000, 0xd5080000))
		out->store = STORE_ANYWHERE; /* dc zva and the like */
	/* mrrs fills two. */
	if (a64_is(insn, 0xffe00000, 0xd5600000) && a64_rd(insn) < 30)
		effect_a64_clobber(out, a64_rd(insn) + 1);
}

/* Of the vector instructions those that move to a general register. */
static void vector(struct effect *out, const struct insn *insn)
{
	bool is_conversion = a64_is(insn, 0x5f200000, 0x1e000000) ||
			     a64_is(insn, 0x5f20fc00, 0x1e200000);
	/* scvtf, ucvtf and one fmov go the other way. */
	bool is_from = a64_is(insn, 0x00060000, 0x00020000) ||
		       a64_is(insn, 0x00070000, 0x00070000);
	/* smov and umov. */
	bool is_copy = a64_is(insn, 0x9fe0fc00, 0x0e002c00) ||
		       a64_is(insn, 0x9fe0fc00, 0x0e003c00);

	if ((is_conversion && !is_from) || is_copy)
		effect_a64_clobber(out, a64_no_zero(a64_rd(insn)));
}

/* Most of them change no register; which do is not told apart. */
static void scalable(struct effect *out, const struct insn *insn)
{
	effect_a64_clobber(out, a64_rd(insn));
	out->store = STORE_ANYWHERE;
}

void effect_a64(struct effect *out, const struct insn *insn)
{
	switch (a64_group(insn)) {
	case A64_IMMEDIATE:
		immediate(out, insn);
		break;
	case A64_BRANCH:
		if (insn->flow == FLOW_NEXT)
			system_group(out, insn);
		break;
	case A64_MEMORY:
		effect_a64_memory(out, insn);
		break;
	case A64_REGISTER:
		registers(out, insn);
		break;
	case A64_VECTOR:
		vector(out, insn);
		break;
	default:
		scalable(out, insn);
		break;
	}
}
