/* The half of bpf that follows all ways of a program at once. */
#include "data/bpf.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "data/filter.h"

/* What is known of A where an instruction begins. */
enum known { KNOWN_NOT, KNOWN_NR, KNOWN_ARCH };

struct walk {
	uint8_t *reached;
	uint8_t known[FILTER_INSNS_MAX];
	const struct bpf_data *call;
};

/* Another way to an instruction: what the ways agree on is still known. */
static void arrive(struct walk *walk, size_t at, uint8_t known)
{
	if (walk->reached[at] && walk->known[at] != known)
		known = KNOWN_NOT;
	walk->reached[at] = 1;
	walk->known[at] = known;
}

static bool holds(const struct filter_insn *insn, uint32_t a)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return a == insn->k;
	case BPF_JGT:
		return a > insn->k;
	case BPF_JGE:
		return a >= insn->k;
	default:
		return a & insn->k;
	}
}

static void step_jump(struct walk *walk, const struct filter_insn *insn,
		      size_t at)
{
	uint8_t known = walk->known[at];
	uint32_t a = known == KNOWN_NR ? walk->call->nr : walk->call->arch;
	bool is_open = known == KNOWN_NOT || BPF_SRC(insn->code) == BPF_X;

	if (BPF_OP(insn->code) == BPF_JA) {
		arrive(walk, at + 1 + insn->k, known);
		return;
	}
	if (is_open || holds(insn, a))
		arrive(walk, at + 1 + insn->jt, known);
	if (is_open || !holds(insn, a))
		arrive(walk, at + 1 + insn->jf, known);
}

static void step(struct walk *walk, const struct filter_insn *insn, size_t at)
{
	uint8_t known = walk->known[at];

	switch (BPF_CLASS(insn->code)) {
	case BPF_RET:
		return;
	case BPF_JMP:
		step_jump(walk, insn, at);
		return;
	case BPF_LD:
		known = KNOWN_NOT;
		if (BPF_MODE(insn->code) == BPF_ABS && insn->k == BPF_NR)
			known = KNOWN_NR;
		if (BPF_MODE(insn->code) == BPF_ABS && insn->k == BPF_ARCH)
			known = KNOWN_ARCH;
		break;
	case BPF_ALU:
		known = KNOWN_NOT;
		break;
	case BPF_MISC:
		if (BPF_MISCOP(insn->code) == BPF_TXA)
			known = KNOWN_NOT;
		break;
	}
	arrive(walk, at + 1, known);
}

void bpf_follow(uint8_t *reached, const struct filter_insn *insns, size_t count,
		const struct bpf_data *call)
{
	struct walk walk = { .reached = reached, .call = call };

	memset(reached, 0, count);
	arrive(&walk, 0, KNOWN_NOT);
	/* Jumps go forward: all ways to an instruction are known before it. */
	for (size_t i = 0; i < count; i++)
		if (reached[i])
			step(&walk, &insns[i], i);
}

int bpf_reach(uint8_t *reached, const struct filter_insn *insns, size_t count,
	      const struct bpf_data *call, struct err *err)
{
	if (bpf_check(insns, count, err) < 0)
		return -1;
	bpf_follow(reached, insns, count, call);
	return 0;
}
