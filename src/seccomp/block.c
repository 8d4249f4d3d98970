#include "seccomp/block.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "seccomp/emit.h"
#include "seccomp/rule.h"
#include "seccomp/tree.h"

enum { CHAIN_MAX = 6 }; /* more values than that are searched for */

/* One half of an argument, what to compare of it, and where to go on. */
struct half {
	uint32_t offset;
	uint32_t mask;
	size_t hit;
	size_t miss;
};

static uint32_t low(uint64_t value)
{
	return (uint32_t)value;
}

static uint32_t high(uint64_t value)
{
	return (uint32_t)(value >> 32);
}

static size_t load_masked(struct emit *emit, const struct half *half)
{
	if (half->mask != UINT32_MAX)
		emit_mask(emit, half->mask);
	return emit_load(emit, half->offset);
}

static size_t search(struct emit *emit, const struct half *half,
		     const uint32_t *values, size_t count)
{
	auto_free struct tree_range *ranges = mem_new(2 * count + 1,
						      sizeof(*ranges));
	size_t used = 0;
	uint64_t next = 0;

	for (size_t i = 0; i < count; i++) {
		if (values[i] != next)
			ranges[used++] = (struct tree_range){
				.first = (uint32_t)next, .place = half->miss
			};
		if (!used || ranges[used - 1].place != half->hit)
			ranges[used++] = (struct tree_range){
				.first = values[i], .place = half->hit
			};
		next = (uint64_t)values[i] + 1;
	}
	if (next <= UINT32_MAX)
		ranges[used++] = (struct tree_range){ .first = (uint32_t)next,
						      .place = half->miss };
	return tree_emit(emit, ranges, used);
}

/* Whether the half is one of the values, which ascend. */
static size_t emit_half(struct emit *emit, const struct half *half,
			const uint32_t *values, size_t count)
{
	size_t next = half->miss;

	/* One comparison instead of a mask and a comparison. */
	if (count == 1 && !values[0] && half->mask != UINT32_MAX) {
		emit_branch(emit, BPF_JSET, half->mask, half->miss, half->hit);
		return emit_load(emit, half->offset);
	}
	if (count > CHAIN_MAX)
		search(emit, half, values, count);
	else
		for (size_t i = count; i-- > 0;)
			next = emit_branch(emit, BPF_JEQ, values[i], half->hit,
					   next);
	return load_masked(emit, half);
}

/* The low halves of count values that share their high half. */
static size_t emit_low(struct emit *emit, const struct rule_test *test,
		       size_t first, size_t count, struct half half)
{
	auto_free uint32_t *values = mem_new(count, sizeof(*values));

	if (!half.mask)
		return half.hit;
	for (size_t i = 0; i < count; i++)
		values[i] = low(test->values[first + i]);
	return emit_half(emit, &half, values, count);
}

/* How many values from first on have the same high half. */
static size_t run_of(const struct rule_test *test, size_t first)
{
	size_t count = 1;

	while (first + count < test->count &&
	       high(test->values[first + count]) == high(test->values[first]))
		count++;
	return count;
}

static size_t emit_set(struct emit *emit, const struct rule_test *test,
		       size_t hit, size_t miss)
{
	struct half lower = { bpf_arg_low(test->arg), low(test->mask), hit,
			      miss };
	struct half upper = { bpf_arg_high(test->arg), high(test->mask), 0,
			      miss };

	if (!upper.mask)
		return emit_low(emit, test, 0, test->count, lower);
	/* All the ways through the low half first: they come last. */
	auto_free size_t *places = mem_new(test->count, sizeof(*places));

	for (size_t i = 0; i < test->count; i += run_of(test, i))
		places[i] = emit_low(emit, test, i, run_of(test, i), lower);
	size_t next = miss;

	for (size_t i = 0; i < test->count; i += run_of(test, i))
		next = emit_branch(emit, BPF_JEQ, high(test->values[i]),
				   places[i], next);
	return load_masked(emit, &upper);
}

static size_t emit_below(struct emit *emit, const struct rule_test *test,
			 size_t yes, size_t no)
{
	uint32_t bound = high(test->values[0]);
	struct half lower = { .offset = bpf_arg_low(test->arg),
			      .mask = low(test->mask) };
	size_t next = no;

	if (low(test->values[0])) {
		emit_branch(emit, BPF_JGE, low(test->values[0]), no, yes);
		next = load_masked(emit, &lower);
	}
	if (!high(test->mask))
		return next;
	next = emit_branch(emit, BPF_JEQ, bound, next, yes);
	emit_branch(emit, BPF_JGT, bound, no, next);
	return emit_load(emit, bpf_arg_high(test->arg));
}

static size_t emit_test(struct emit *emit, const struct rule_test *test,
			size_t yes, size_t no)
{
	/* Nothing would be written, and loads run into what is. */
	if (yes == no)
		return yes;
	switch ((enum rule_op)test->op) {
	case RULE_IN:
		return emit_set(emit, test, yes, no);
	case RULE_NOT_IN:
		return emit_set(emit, test, no, yes);
	case RULE_BELOW:
		return emit_below(emit, test, yes, no);
	case RULE_FROM:
		return emit_below(emit, test, no, yes);
	}
	return no;
}

size_t block_emit(struct emit *emit, const struct rule *rules, size_t count,
		  uint32_t otherwise)
{
	size_t next = emit_return(emit, otherwise);

	for (size_t i = count; i-- > 0;) {
		const struct rule *rule = &rules[i];
		size_t yes = emit_return(emit, rule->action);

		for (size_t t = rule->test_count; t-- > 0;)
			yes = emit_test(emit, &rule->tests[t], yes, next);
		next = yes;
	}
	return next;
}
