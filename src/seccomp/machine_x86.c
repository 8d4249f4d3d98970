#include "arch/arch.h"
#include "seccomp/effect_x86.h"
#include "seccomp/equal.h"
#include "seccomp/machine.h"
#include "seccomp/module.h"
#include "seccomp/table.h"

static bool is_one(const struct insn *insn)
{
	return insn->encoding == ENCODING_LEGACY && insn->map == MAP_ONE;
}

/* Behind 0f, the ranges whose registers are all vectors. */
static bool is_vector(const struct insn *insn)
{
	uint8_t op = insn->opcode;

	if (insn->encoding != ENCODING_LEGACY)
		return insn->map == MAP_0F && op != 0x6e && op != 0x2a &&
		       op != 0xc4 && op != 0x92;
	return insn->map == MAP_0F &&
	       ((op >= 0x10 && op <= 0x1f) || op == 0x28 || op == 0x29 ||
		(op >= 0x51 && op <= 0x6d) || (op >= 0x6f && op <= 0x7f) ||
		(op >= 0xd0));
}

/* Instructions that use scratch registers without naming them. */
static bool uses_scratch(const struct insn *insn)
{
	return is_one(insn) &&
	       ((insn->opcode & 0xfc) == 0xa4 || insn->opcode >= 0xaa) &&
	       insn->opcode < 0xb0;
}

/* Where the field of a register says which instruction it is. */
static bool has_group(const struct insn *insn)
{
	uint8_t op = insn->opcode;

	return is_one(insn) &&
	       (op == 0x80 || op == 0x81 || op == 0x83 || op == 0xc0 ||
		op == 0xc1 || op == 0xc6 || op == 0xc7 ||
		(op >= 0xd0 && op <= 0xd3) || op == 0xf6 || op == 0xf7 ||
		op == 0xfe || op == 0xff);
}

static bool names(const struct insn *insn, uint8_t reg)
{
	if (insn->has_memory && (insn->base == reg || insn->index == reg))
		return true;
	if (uses_scratch(insn) && reg < 8)
		return true;
	if (insn->has_modrm)
		return !is_vector(insn) &&
		       ((insn->reg == reg && !has_group(insn)) ||
			(!insn->has_memory && insn->rm == reg));
	/* Distances, and no register. */
	if (insn->flow == FLOW_JUMP || insn->flow == FLOW_BRANCH ||
	    insn->flow == FLOW_CALL)
		return false;
	/* push, pop, xchg and mov with the register in the opcode. */
	return insn->map == MAP_ONE &&
	       (uint8_t)((insn->opcode & 7) | (insn->rex & REX_B) << 3) == reg;
}

static bool only_looks(const struct insn *insn)
{
	if (!is_one(insn))
		return false;
	switch (insn->opcode) {
	case 0x38 ... 0x3b:
	case 0x84:
	case 0x85:
		return true;
	case 0x80:
	case 0x81:
	case 0x83:
		return (insn->reg & 7) == 7;
	default:
		return false;
	}
}

static bool is_stack(uint8_t reg)
{
	return reg == REG_SP || reg == REG_BP;
}

/* mov, 64 bits wide, between two registers. */
static bool is_move(const struct insn *insn, uint8_t *to, uint8_t *from)
{
	if (!is_one(insn) || insn->has_memory)
		return false;
	if (insn->opcode != 0x89 && insn->opcode != 0x8b)
		return false;
	*to = insn->opcode == 0x89 ? insn->rm : insn->reg;
	*from = insn->opcode == 0x89 ? insn->reg : insn->rm;
	return true;
}

/* Whether the instruction lets a stack address out of rsp and rbp. */
static bool shows_stack(const struct insn *insn)
{
	uint8_t op = insn->opcode;
	uint8_t to, from;

	if (!is_one(insn))
		return insn->map == MAP_0F && !insn->has_memory &&
		       ((op & 0xf0) == 0x40 || op == 0x6e) &&
		       is_stack(insn->rm);
	if (is_move(insn, &to, &from))
		return is_stack(from) && !is_stack(to);
	if (insn->is_address)
		return (is_stack(insn->base) || is_stack(insn->index)) &&
		       !is_stack(insn->reg);
	if (op == 0x54 && !(insn->rex & REX_B))
		return true; /* push %rsp */
	if (!insn->has_modrm)
		return (op & 0xf8) == 0x90 && (op & 7) == REG_SP;
	if (op < 0x40) { /* arithmetic with a stack register as a source */
		uint8_t source = op & 2 ? insn->rm : insn->reg;
		bool is_reg = !(op & 2) || !insn->has_memory;

		return (op >> 3) != 7 && is_reg && is_stack(source) &&
		       !(insn->has_memory && op & 2);
	}
	/* mov of it to memory, xchg, push by ModRM. */
	return (op == 0x89 && is_stack(insn->reg)) ||
	       (op == 0x87 && (is_stack(insn->reg) ||
			       (!insn->has_memory && is_stack(insn->rm)))) ||
	       (op == 0xff && (insn->reg & 7) == 6 && !insn->has_memory &&
		is_stack(insn->rm));
}

/* rbp gets an address of the frame: "mov %rsp,%rbp", "lea 8(%rsp),%rbp". */
static bool sets_bp(const struct insn *insn)
{
	uint8_t to, from;

	if (is_move(insn, &to, &from))
		return to == REG_BP && from == REG_SP;
	return insn->is_address && insn->reg == REG_BP &&
	       insn->base == REG_SP && insn->index == DECODE_NONE;
}

/*
 * rbp becomes something that is no frame's. Taking the caller's back from the
 * stack ends the use of it; only Go does so with a mov.
 */
static bool spoils_bp(const struct insn *insn, bool is_go)
{
	struct effect e;

	effect_of(&e, insn);
	if (!(e.writes & REG_BIT(REG_BP)) || e.is_leave || e.is_pop)
		return false;
	if (is_go && e.dest == REG_BP && e.source == SOURCE_MEMORY &&
	    insn->base == REG_SP)
		return false;
	return !sets_bp(insn);
}

/* How Go keeps its caller's rbp. */
static bool is_bp_saved(const struct insn *insn)
{
	return insn->map == MAP_ONE && insn->opcode == 0x89 &&
	       insn->has_memory && insn->base == REG_SP && insn->reg == REG_BP;
}

static unsigned stack_use(const struct insn *insn, bool is_go)
{
	unsigned use = 0;

	if (shows_stack(insn) && !(is_go && is_bp_saved(insn)))
		use |= STACK_SHOWN;
	if (sets_bp(insn))
		use |= STACK_FRAMED;
	if (spoils_bp(insn, is_go))
		use |= STACK_SPOILT;
	return use;
}

static bool adds(uint8_t *to, uint8_t *from, const struct insn *insn)
{
	bool is_into = insn->opcode == 0x03;

	if (!is_one(insn) || !(insn->rex & REX_W) ||
	    (!is_into && (insn->opcode != 0x01 || insn->has_memory)))
		return false;
	*to = is_into ? insn->reg : insn->rm;
	*from = is_into ? insn->rm : insn->reg;
	if (insn->has_memory)
		*from = DECODE_NONE;
	return true;
}

/* "jmp *slot(%rip)"; endbr64 may precede it. */
static uint64_t stub(const struct module *module, uint64_t at)
{
	struct insn insn;

	if (!module_decode(&insn, module, at))
		return 0;
	if (insn.map == MAP_0F && insn.opcode == 0x1e && insn.mod == 3) {
		at += insn.len;
		if (!module_decode(&insn, module, at))
			return 0;
	}
	if (insn.flow != FLOW_JUMP_TO || !insn.has_memory ||
	    insn.base != DECODE_RIP)
		return 0;
	return decode_operand(&insn, at);
}

const struct machine machine_x86_64 = {
	.arch = &arch_x86_64,
	.unit = 1,
	.len_max = DECODE_LEN_MAX,
	.return_size = 8,
	.stack = REG_SP,
	.frame = REG_BP,
	.number = REG_AX,
	.arguments = { REG_DI, REG_SI, REG_DX, REG_CX },
	.go_argument = REG_AX,
	.go_scratch = DECODE_NONE,
	.passed = REG_BIT(REG_DI) | REG_BIT(REG_SI) | REG_BIT(REG_DX) |
		  REG_BIT(REG_CX) | REG_BIT(8) | REG_BIT(9),
	.returned = REG_BIT(REG_AX) | REG_BIT(REG_DX),
	.kept = REG_BIT(REG_BX) | REG_BIT(REG_SP) | REG_BIT(REG_BP) | 0xf000,
	.lost = REG_BIT(REG_AX) | REG_BIT(REG_CX) | REG_BIT(11),
	.decode = decode_x86,
	.may_call = decode_x86_may_call,
	.effect = effect_x86,
	.is_padding = decode_x86_is_padding,
	.names = names,
	.only_looks = only_looks,
	.equal_way = equal_x86_way,
	.equal_sets = equal_x86_sets,
	.equal_keeps = equal_x86_keeps,
	.compared_way = equal_x86_compared_way,
	.adds = adds,
	.stack_use = stack_use,
	.stub = stub,
	.find_table = table_x86,
};
