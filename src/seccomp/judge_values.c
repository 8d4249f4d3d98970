#include "seccomp/judge_values.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "seccomp/policy.h"
#include "seccomp/rule.h"

static void add_value(struct judge_values *values, uint64_t value)
{
	for (size_t i = 0; i < values->count; i++)
		if (values->at[i] == value)
			return;
	values->at = mem_grow(values->at, values->count + 1,
			      sizeof(*values->at));
	values->at[values->count++] = value;
}

/* A bound and what is beside it, each with bits that an int does not have. */
static void add_bound(struct judge_values *values, uint64_t value)
{
	static const uint64_t uppers[] = { 0, 1ULL << 32, 1ULL << 63,
					   0xffffffffULL << 32 };

	for (uint64_t step = 0; step < 3; step++)
		for (size_t i = 0; i < sizeof(uppers) / sizeof(uppers[0]); i++)
			add_value(values, (value + step - 1) ^ uppers[i]);
	for (int bit = 0; bit < 64; bit++)
		add_value(values, value ^ 1ULL << bit);
}

/* The bounds that the rules draw. */
static void add_rules_values(struct judge_values values[6],
			     const struct policy *whole, uint32_t nr)
{
	size_t count;
	const struct rule *rules = policy_rules(whole, nr, &count);

	for (size_t i = 0; i < count; i++) {
		for (size_t t = 0; t < rules[i].test_count; t++) {
			const struct rule_test *test = &rules[i].tests[t];

			for (size_t v = 0; v < test->count; v++)
				add_bound(&values[test->arg], test->values[v]);
			/* Bits that are not looked at, and all that are. */
			add_value(&values[test->arg], ~test->mask);
			add_value(&values[test->arg], test->mask);
		}
	}
}

/* Which arguments the filter looks at, as bits, and what it compares with. */
static unsigned int find_constants(struct judge_values *out,
				   const struct filter *filter,
				   const uint8_t *reached)
{
	unsigned int args = 0;

	for (size_t i = 0; i < filter->insn_count; i++) {
		const struct filter_insn *insn = &filter->insns[i];

		if (!reached[i])
			continue;
		if (BPF_CLASS(insn->code) == BPF_LD && insn->k >= BPF_ARGS)
			args |= 1U << (insn->k - BPF_ARGS) / 8;
		if (BPF_CLASS(insn->code) == BPF_JMP &&
		    BPF_OP(insn->code) != BPF_JA)
			add_value(out, insn->k);
	}
	return args;
}

/* The bounds that the filter draws where this call gets to, right or wrong. */
static int add_filters_values(struct judge_values values[6],
			      const struct filter *filter, uint32_t nr,
			      struct err *err)
{
	const struct bpf_data call = { .nr = nr, .arch = filter->audit };
	uint8_t reached[FILTER_INSNS_MAX];
	struct judge_values found = { 0 };

	if (bpf_reach(reached, filter->insns, filter->insn_count, &call, err) <
	    0)
		return -1;
	unsigned int args = find_constants(&found, filter, reached);

	for (int a = 0; a < 6; a++) {
		for (size_t i = 0; args >> a & 1 && i < found.count; i++) {
			add_value(&values[a], found.at[i]);
			add_value(&values[a], found.at[i] << 32);
		}
	}
	free(found.at);
	return 0;
}

int judge_values_find(struct judge_values values[6],
		      const struct filter *filter, const struct policy *whole,
		      uint32_t nr, struct err *err)
{
	add_rules_values(values, whole, nr);
	if (add_filters_values(values, filter, nr, err) < 0)
		return -1;
	for (int i = 0; i < 6; i++)
		add_value(&values[i], 0);
	return 0;
}

void judge_values_free(struct judge_values values[6])
{
	for (int i = 0; i < 6; i++)
		free(values[i].at);
	memset(values, 0, 6 * sizeof(*values));
}

size_t judge_values_tries(const struct judge_values values[6])
{
	size_t product = 1;

	for (int i = 0; i < 6; i++)
		if (__builtin_mul_overflow(product, values[i].count, &product))
			return SIZE_MAX;
	return product;
}
