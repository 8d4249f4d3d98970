#include "arch/arch.h"
#include "seccomp/decode_a64.h"
#include "seccomp/effect_a64.h"
#include "seccomp/equal.h"
#include "seccomp/machine.h"
#include "seccomp/module.h"
#include "seccomp/table.h"

/* Registers first to last. */
#define REGS(first, last)                                 \
	((uint32_t)((((uint64_t)1 << ((last) + 1)) - 1) & \
		    ~(REG_BIT(first) - 1)))

/* Only the flags, or where to go, depend on what it names. */
static bool only_looks(const struct insn *insn)
{
	bool is_flags = a64_rd(insn) == A64_ZERO && a64_bits(insn, 29, 1);

	if (insn->flow == FLOW_BRANCH)
		return true;
	switch (a64_group(insn)) {
	case A64_IMMEDIATE: /* subs, ands */
		return is_flags && (a64_is(insn, 0x1f800000, 0x11000000) ||
				    a64_is(insn, 0x7f800000, 0x72000000));
	case A64_REGISTER: /* subs, ands, ccmp */
		return (is_flags && (a64_is(insn, 0x1f000000, 0x0b000000) ||
				     a64_is(insn, 0x7f000000, 0x6a000000))) ||
		       a64_is(insn, 0x1fe00000, 0x1a400000);
	default:
		return false;
	}
}

static bool immediate_names(const struct insn *insn, uint8_t reg)
{
	if (a64_is(insn, 0x1f000000, 0x10000000)) /* adr */
		return false;
	if (a64_is(insn, 0x1f800000, 0x12800000)) /* movz reads nothing */
		return a64_bits(insn, 29, 2) == 3 && a64_rd(insn) == reg;
	return a64_rn(insn) == reg ||
	       (a64_is(insn, 0x1f000000, 0x13000000) &&
		(a64_rd(insn) == reg || a64_rm(insn) == reg));
}

static bool memory_names(const struct insn *insn, uint8_t reg)
{
	bool is_load = a64_bits(insn, 22, 1);

	switch (a64_access(insn)) {
	case ACCESS_LITERAL:
		return false;
	case ACCESS_PLAIN:
	case ACCESS_BEFORE:
	case ACCESS_AFTER:
		return insn->base == reg || insn->index == reg ||
		       a64_rd(insn) == reg;
	case ACCESS_PAIR:
	case ACCESS_PAIR_BEFORE:
	case ACCESS_PAIR_AFTER:
		return insn->base == reg || (!is_load && (a64_rd(insn) == reg ||
							  a64_ra(insn) == reg));
	default:
		return insn->base == reg || a64_rd(insn) == reg ||
		       a64_rm(insn) == reg || a64_ra(insn) == reg;
	}
}

/* Fields that hold a number count as registers where that is rare. */
static bool names(const struct insn *insn, uint8_t reg)
{
	switch (a64_group(insn)) {
	case A64_IMMEDIATE:
		return immediate_names(insn, reg);
	case A64_MEMORY:
		return memory_names(insn, reg);
	case A64_BRANCH:
		return insn->to == reg || a64_rd(insn) == reg;
	case A64_REGISTER:
		return a64_rn(insn) == reg || a64_rm(insn) == reg ||
		       (a64_is(insn, 0x1f000000, 0x1b000000) &&
			a64_ra(insn) == reg);
	case A64_VECTOR:
		return a64_rn(insn) == reg;
	default:
		return a64_rd(insn) == reg || a64_rn(insn) == reg ||
		       a64_rm(insn) == reg;
	}
}

static bool is_stack(uint8_t reg)
{
	return reg == A64_SP || reg == A64_FP;
}

/*
 * Go's functions measure the stack in x16, x17 or x20 before they set it, and
 * store the caller's frame below it through the same.
 */
static bool is_go_measure(const struct insn *insn)
{
	uint8_t rd = a64_rd(insn);

	return a64_rn(insn) == A64_SP && (rd == 16 || rd == 17 || rd == 20);
}

/* The sum of a register and a number. */
static unsigned sum_use(const struct insn *insn, bool is_go)
{
	uint8_t rd = a64_rd(insn);

	if (!is_stack(insn->base))
		return rd == A64_FP ? STACK_SPOILT : 0;
	if (rd == A64_FP)
		return STACK_FRAMED;
	if (rd == A64_SP || (is_go && is_go_measure(insn)))
		return 0;
	return STACK_SHOWN;
}

/* A store of the frame register beside the stack saves the caller's. */
static unsigned memory_use(const struct insn *insn, bool is_go)
{
	struct effect e;

	effect_of(&e, insn);
	if (e.store == STORE_OPERAND && e.source == SOURCE_REG &&
	    (e.reg == A64_FP || (e.is_pair && e.other == A64_FP)))
		return insn->base == A64_SP || (is_go && insn->base == 20)
			       ? 0
			       : STACK_SHOWN;
	if (!(e.writes & REG_BIT(A64_FP)))
		return 0;
	return insn->base == A64_SP &&
			       (e.dest == A64_FP || e.dest_next == A64_FP)
		       ? 0
		       : STACK_SPOILT;
}

static unsigned stack_use(const struct insn *insn, bool is_go)
{
	enum a64_group group = a64_group(insn);
	bool is_extended = a64_is(insn, 0x1f200000, 0x0b200000);
	unsigned use = 0;
	struct effect e;

	if (insn->is_address && insn->base != DECODE_RIP)
		return sum_use(insn, is_go);
	if (group == A64_MEMORY)
		return memory_use(insn, is_go);
	if (group == A64_BRANCH || only_looks(insn))
		return 0;
	effect_of(&e, insn);
	if (e.writes & REG_BIT(A64_FP))
		use |= STACK_SPOILT;
	if (names(insn, A64_FP) && group != A64_VECTOR && e.writes &&
	    e.writes != REG_BIT(A64_FP))
		use |= STACK_SHOWN;
	/* The sum of the stack pointer and a register. */
	if (is_extended && a64_rn(insn) == A64_SP &&
	    e.writes & ~REG_BIT(A64_SP) && !(is_go && is_go_measure(insn)))
		use |= STACK_SHOWN;
	return use;
}

/* "adrp x16, slot; ldr x17, [x16, #slot]"; bti may precede it. */
static uint64_t stub(const struct module *module, uint64_t at)
{
	struct insn insn;
	uint64_t page;

	if (!module_decode(&insn, module, at))
		return 0;
	if (a64_is(&insn, 0xffffff3f, 0xd503241f)) {
		at += insn.len;
		if (!module_decode(&insn, module, at))
			return 0;
	}
	if (!insn.is_page || a64_rd(&insn) != A64_IP0)
		return 0;
	page = decode_operand(&insn, at);
	if (!module_decode(&insn, module, at + insn.len) ||
	    !a64_is(&insn, 0xffc003ff, 0xf9400211))
		return 0;
	return page + (uint64_t)insn.disp;
}

const struct machine machine_aarch64 = {
	.arch = &arch_aarch64,
	.unit = 4,
	.len_max = 4,
	.stack = A64_SP,
	.frame = A64_FP,
	.number = A64_NUMBER,
	.arguments = { 0, 1, 2, 3 },
	.go_argument = A64_ARGUMENT,
	.go_scratch = A64_GO_SCRATCH,
	.has_anchors = true,
	.passed = REGS(0, 8),
	.returned = REGS(0, 8),
	.kept = REGS(19, 29) | REG_BIT(A64_SP),
	.lost = REG_BIT(0),
	.decode = decode_a64,
	.may_call = decode_a64_may_call,
	.effect = effect_a64,
	.is_padding = decode_a64_is_padding,
	.names = names,
	.only_looks = only_looks,
	.equal_way = equal_a64_way,
	.equal_sets = equal_a64_sets,
	.equal_keeps = equal_a64_keeps,
	.stack_use = stack_use,
	.stub = stub,
	.find_table = table_a64,
	.is_origin = table_a64_is_origin,
};
