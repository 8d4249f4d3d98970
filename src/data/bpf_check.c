/* The half of bpf that judges a program as a whole. */
#include "data/bpf.h"

#include <linux/filter.h>
#include <stdbool.h>

#include "base/err.h"
#include "data/filter.h"

_Static_assert(FILTER_INSNS_MAX == BPF_MAXINSNS, "the kernel's limit");

static bool is_arithmetic(const struct filter_insn *insn)
{
	switch (insn->code) {
	case BPF_ALU | BPF_DIV | BPF_K:
		return insn->k != 0;
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_K:
		return insn->k < 32;
	case BPF_ALU | BPF_ADD | BPF_K:
	case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K:
	case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_K:
	case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_X:
	case BPF_ALU | BPF_RSH | BPF_X:
	case BPF_ALU | BPF_NEG:
		return true;
	}
	return false;
}

static bool is_transfer(const struct filter_insn *insn)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return insn->k % 4 == 0 && insn->k < sizeof(struct bpf_data);
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return insn->k < BPF_MEMWORDS;
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
		return true;
	}
	return false;
}

/* room: how many instructions follow this one. */
static bool is_jump(const struct filter_insn *insn, size_t room)
{
	switch (insn->code) {
	case BPF_JMP | BPF_JA:
		return insn->k < room;
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
		return insn->jt < room && insn->jf < room;
	}
	return false;
}

/*
 * Whether this instruction reads only memory cells that every way to it has
 * written. written[i] is a set of cells, one bit each, for instruction i: all
 * bits until the first way to i is known, then what the ways have in common.
 */
static bool keeps_cells(uint16_t *written, const struct filter_insn *insns,
			size_t i)
{
	const struct filter_insn *insn = &insns[i];
	unsigned int cell = 1U << (insn->k % BPF_MEMWORDS);
	uint16_t here = written[i];

	switch (BPF_CLASS(insn->code)) {
	case BPF_ST:
	case BPF_STX:
		here |= (uint16_t)cell;
		break;
	case BPF_LD:
	case BPF_LDX:
		if (BPF_MODE(insn->code) == BPF_MEM && !(here & cell))
			return false;
		break;
	case BPF_RET:
		return true; /* nothing follows on this way */
	case BPF_JMP:
		if (BPF_OP(insn->code) == BPF_JA) {
			written[i + 1 + insn->k] &= here;
			return true;
		}
		written[i + 1 + insn->jt] &= here;
		written[i + 1 + insn->jf] &= here;
		return true;
	}
	written[i + 1] &= here;
	return true;
}

static int check_cells(const struct filter_insn *insns, size_t count,
		       struct err *err)
{
	uint16_t written[FILTER_INSNS_MAX];

	written[0] = 0;
	for (size_t i = 1; i < count; i++)
		written[i] = UINT16_MAX;
	for (size_t i = 0; i < count; i++)
		if (!keeps_cells(written, insns, i))
			return err_set(err, 0,
				       "instruction %zu: reads memory "
				       "cell %u before it is written",
				       i, insns[i].k);
	return 0;
}

int bpf_check(const struct filter_insn *insns, size_t count, struct err *err)
{
	if (count == 0 || count > FILTER_INSNS_MAX)
		return err_set(err, 0, "%zu instructions, allowed are 1 to %d",
			       count, FILTER_INSNS_MAX);
	for (size_t i = 0; i < count; i++)
		if (!is_arithmetic(&insns[i]) && !is_transfer(&insns[i]) &&
		    !is_jump(&insns[i], count - i - 1))
			return err_set(err, 0,
				       "instruction %zu: 0x%x 0x%x: "
				       "not one that seccomp takes",
				       i, insns[i].code, insns[i].k);
	if (BPF_CLASS(insns[count - 1].code) != BPF_RET)
		return err_set(err, 0, "the last instruction does not return");
	return check_cells(insns, count, err);
}
