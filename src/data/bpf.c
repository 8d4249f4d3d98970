#include "data/bpf.h"

#include <linux/filter.h>
#include <stdbool.h>

#include "base/err.h"
#include "data/filter.h"

_Static_assert(sizeof(struct bpf_data) == 64, "as struct seccomp_data");

enum { DATA_WORDS = sizeof(struct bpf_data) / sizeof(uint32_t) };

uint32_t bpf_arg_low(unsigned int arg)
{
	return BPF_ARGS + 8 * arg;
}

uint32_t bpf_arg_high(unsigned int arg)
{
	return bpf_arg_low(arg) + 4;
}

uint32_t bpf_word(uint32_t offset)
{
	return (uint32_t)1 << offset / 4 % DATA_WORDS;
}

struct filter_insn bpf_load(uint32_t offset)
{
	return (struct filter_insn){ BPF_LD | BPF_W | BPF_ABS, 0, 0, offset };
}

struct filter_insn bpf_if_equal(uint32_t k, uint8_t if_true, uint8_t if_false)
{
	return (struct filter_insn){ BPF_JMP | BPF_JEQ | BPF_K, if_true,
				     if_false, k };
}

struct filter_insn bpf_if_above(uint32_t k, uint8_t if_true, uint8_t if_false)
{
	return (struct filter_insn){ BPF_JMP | BPF_JGT | BPF_K, if_true,
				     if_false, k };
}

struct filter_insn bpf_if_any_bit(uint32_t k, uint8_t if_true, uint8_t if_false)
{
	return (struct filter_insn){ BPF_JMP | BPF_JSET | BPF_K, if_true,
				     if_false, k };
}

struct filter_insn bpf_skip(uint32_t count)
{
	return (struct filter_insn){ BPF_JMP | BPF_JA, 0, 0, count };
}

struct filter_insn bpf_return(uint32_t action)
{
	return (struct filter_insn){ BPF_RET | BPF_K, 0, 0, action };
}

struct machine {
	uint32_t a;
	uint32_t x;
	uint32_t cells[BPF_MEMWORDS];
	uint64_t at; /* the next instruction; 64 bits: no jump wraps */
	bool done;
	struct bpf_result result;
};

static uint32_t data_word(const struct bpf_data *data, uint32_t word)
{
	if (word == BPF_NR / 4)
		return data->nr;
	if (word == BPF_ARCH / 4)
		return data->arch;
	uint64_t whole = word < BPF_ARGS / 4 ? data->ip
					     : data->args[word / 2 - 2];

	return (uint32_t)(word & 1 ? whole >> 32 : whole);
}

/* Loads and stores. Returns false for what is none. */
static bool run_memory(struct machine *m, const struct filter_insn *insn,
		       const struct bpf_data *data)
{
	bool in_cells = insn->k < BPF_MEMWORDS;
	uint32_t *cell = &m->cells[in_cells ? insn->k : 0];

	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		if (insn->k % 4 || insn->k / 4 >= DATA_WORDS)
			return false;
		m->a = data_word(data, insn->k / 4);
		m->result.words |= bpf_word(insn->k);
		return true;
	case BPF_LD | BPF_W | BPF_LEN:
		m->a = sizeof(struct bpf_data);
		return true;
	case BPF_LDX | BPF_W | BPF_LEN:
		m->x = sizeof(struct bpf_data);
		return true;
	case BPF_LD | BPF_IMM:
		m->a = insn->k;
		return true;
	case BPF_LDX | BPF_IMM:
		m->x = insn->k;
		return true;
	case BPF_LD | BPF_MEM:
		m->a = *cell;
		return in_cells;
	case BPF_LDX | BPF_MEM:
		m->x = *cell;
		return in_cells;
	case BPF_ST:
		*cell = in_cells ? m->a : *cell;
		return in_cells;
	case BPF_STX:
		*cell = in_cells ? m->x : *cell;
		return in_cells;
	case BPF_MISC | BPF_TAX:
		m->x = m->a;
		return true;
	case BPF_MISC | BPF_TXA:
		m->a = m->x;
		return true;
	}
	return false;
}

/* Arithmetic on A. Returns false for what is none. */
static bool run_alu(struct machine *m, const struct filter_insn *insn)
{
	bool by_x = BPF_SRC(insn->code) == BPF_X;
	uint32_t value = by_x ? m->x : insn->k;

	switch (BPF_OP(insn->code)) {
	case BPF_ADD:
		m->a += value;
		return true;
	case BPF_SUB:
		m->a -= value;
		return true;
	case BPF_MUL:
		m->a *= value;
		return true;
	case BPF_DIV:
		if (value)
			m->a /= value;
		else
			m->done = by_x; /* the kernel returns 0: kill */
		return value || by_x;
	case BPF_AND:
		m->a &= value;
		return true;
	case BPF_OR:
		m->a |= value;
		return true;
	case BPF_XOR:
		m->a ^= value;
		return true;
	case BPF_LSH:
		m->a <<= value & 31;
		return by_x || value < 32;
	case BPF_RSH:
		m->a >>= value & 31;
		return by_x || value < 32;
	case BPF_NEG:
		m->a = 0 - m->a;
		return !by_x;
	}
	return false;
}

/* Jumps move m->at, which already names the next instruction. */
static bool run_jump(struct machine *m, const struct filter_insn *insn)
{
	uint32_t value = BPF_SRC(insn->code) == BPF_X ? m->x : insn->k;
	bool holds;

	switch (BPF_OP(insn->code)) {
	case BPF_JA:
		m->at += insn->k;
		return insn->code == (BPF_JMP | BPF_JA);
	case BPF_JEQ:
		holds = m->a == value;
		break;
	case BPF_JGT:
		holds = m->a > value;
		break;
	case BPF_JGE:
		holds = m->a >= value;
		break;
	case BPF_JSET:
		holds = m->a & value;
		break;
	default:
		return false;
	}
	m->at += holds ? insn->jt : insn->jf;
	return true;
}

static bool run_return(struct machine *m, const struct filter_insn *insn)
{
	m->done = true;
	m->result.action = insn->code & BPF_A ? m->a : insn->k;
	return insn->code == (BPF_RET | BPF_K) ||
	       insn->code == (BPF_RET | BPF_A);
}

static bool run_insn(struct machine *m, const struct filter_insn *insn,
		     const struct bpf_data *data)
{
	if (insn->code > UINT8_MAX)
		return false;
	switch (BPF_CLASS(insn->code)) {
	case BPF_ALU:
		return run_alu(m, insn);
	case BPF_JMP:
		return run_jump(m, insn);
	case BPF_RET:
		return run_return(m, insn);
	default:
		return run_memory(m, insn, data);
	}
}

int bpf_run(struct bpf_result *out, const struct filter_insn *insns,
	    size_t count, const struct bpf_data *data, struct err *err)
{
	struct machine m = { 0 };

	while (m.at < count) {
		const struct filter_insn *insn = &insns[m.at++];

		if (!run_insn(&m, insn, data))
			return err_set(err, 0,
				       "instruction %zu: 0x%x: not one "
				       "that seccomp runs",
				       (size_t)(insn - insns), insn->code);
		if (m.done) {
			*out = m.result;
			return 0;
		}
	}
	return err_set(err, 0, "the program runs past its %zu instructions",
		       count);
}
