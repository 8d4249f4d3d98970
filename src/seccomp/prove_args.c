/*
 * The half of prove that tries arguments.
 *
 * To a filter an argument is one or two words. Of each word that a test looks
 * at, the values on and beside every line that a test draws are tried, and
 * those that differ from them in one bit; likewise for the lines that the
 * program draws where that call can get. While one word runs through its
 * values, the others take those that make tests hold and fail. And each of
 * these is repeated with bits above an int, which must not matter.
 */
#include <linux/filter.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "seccomp/proof.h"
#include "seccomp/rule.h"

enum {
	WORDS = 12,
	CORE_MAX = 24,
	OTHERS_MAX = 4096, /* what the others run through for one value */
};

/* The values that one word takes. */
struct word {
	unsigned int arg;
	bool is_high;
	size_t count;
	uint32_t *values; /* all that are worth trying */
	size_t core_count;
	uint32_t core[CORE_MAX]; /* a few of them, for when others are tried */
};

struct trial {
	const struct proof *proof;
	struct bpf_data call;
	struct word words[WORDS];
	size_t count;
	uint32_t loaded; /* the words as bits, bpf_word() each */
	size_t core_max; /* so many core values of each word */
	size_t cases;	 /* tried so far */
};

static void add_value(struct word *word, uint32_t value)
{
	for (size_t i = 0; i < word->count; i++)
		if (word->values[i] == value)
			return;
	/* By powers of two. */
	if (!(word->count & (word->count - 1)))
		word->values = mem_grow(word->values,
					word->count ? 2 * word->count : 1,
					sizeof(*word->values));
	word->values[word->count++] = value;
}

static void add_core(struct word *word, uint32_t value)
{
	add_value(word, value);
	for (size_t i = 0; i < word->core_count; i++)
		if (word->core[i] == value)
			return;
	if (word->core_count < CORE_MAX)
		word->core[word->core_count++] = value;
}

static void add_around(struct word *word, uint32_t value, uint32_t mask)
{
	for (uint32_t step = 0; step < 3; step++)
		add_value(word, value + step - 1);
	add_value(word, value | ~mask);
	for (int bit = 0; bit < 32; bit++)
		add_value(word, value ^ 1U << bit);
}

static uint32_t half_of(uint64_t value, bool is_high)
{
	return (uint32_t)(is_high ? value >> 32 : value);
}

static void add_test(struct word *word, const struct rule_test *test)
{
	uint32_t mask = half_of(test->mask, word->is_high);
	uint32_t first = half_of(test->values[0], word->is_high);
	uint32_t last = half_of(test->values[test->count - 1], word->is_high);

	for (size_t i = 0; i < test->count; i++)
		add_around(word, half_of(test->values[i], word->is_high), mask);
	add_value(word, mask);
	add_value(word, ~mask);
	add_core(word, first);
	/* The lowest bit of the mask makes the difference. */
	add_core(word, first ^ (mask & -mask));
	add_core(word, last);
	add_core(word, first - 1);
}

static struct word *word_of(struct trial *trial, unsigned int arg, bool is_high)
{
	for (size_t i = 0; i < trial->count; i++)
		if (trial->words[i].arg == arg &&
		    trial->words[i].is_high == is_high)
			return &trial->words[i];
	struct word *word = &trial->words[trial->count++];

	word->arg = arg;
	word->is_high = is_high;
	add_value(word, 0);
	add_value(word, UINT32_MAX);
	trial->loaded |= bpf_word(is_high ? bpf_arg_high(arg)
					  : bpf_arg_low(arg));
	return word;
}

static void add_rules(struct trial *trial, const struct policy *policy)
{
	size_t count;
	const struct rule *rules = policy_rules(policy, trial->call.nr, &count);

	for (size_t i = 0; i < count; i++) {
		for (size_t t = 0; t < rules[i].test_count; t++) {
			const struct rule_test *test = &rules[i].tests[t];

			if ((uint32_t)test->mask)
				add_test(word_of(trial, test->arg, false),
					 test);
			if (test->mask >> 32)
				add_test(word_of(trial, test->arg, true), test);
		}
	}
}

/* The constants of the program where this call can get. */
static void add_lines(struct trial *trial)
{
	const struct proof *proof = trial->proof;
	auto_free uint8_t *reached = mem_new(proof->count, 1);

	bpf_follow(reached, proof->insns, proof->count, &trial->call);
	for (size_t i = 0; i < proof->count; i++) {
		const struct filter_insn *insn = &proof->insns[i];

		if (!reached[i] || BPF_CLASS(insn->code) == BPF_RET)
			continue;
		for (size_t w = 0; w < trial->count; w++)
			for (uint32_t step = 0; step < 3; step++)
				add_value(&trial->words[w], insn->k + step - 1);
	}
}

static void put(struct bpf_data *call, const struct word *word, uint32_t value)
{
	uint64_t *arg = &call->args[word->arg];

	if (word->is_high)
		*arg = (uint32_t)*arg | (uint64_t)value << 32;
	else
		*arg = *arg >> 32 << 32 | value;
}

/*
 * The call as it is, and with upper halves that must not matter. They take
 * turns: that the filter loads none of them is checked in each case, so that
 * they are no more than a second look at the same.
 */
static int check_case(struct trial *trial, struct err *err)
{
	static const uint32_t uppers[] = { 1, 0x80000000, UINT32_MAX };
	size_t count = sizeof(uppers) / sizeof(uppers[0]);
	uint32_t upper = uppers[trial->cases++ % count];
	struct bpf_data call = trial->call;

	for (unsigned int arg = 0; arg < 6; arg++)
		if (!(trial->loaded & bpf_word(bpf_arg_high(arg))))
			call.args[arg] = (uint32_t)call.args[arg] |
					 (uint64_t)upper << 32;
	if (proof_check(trial->proof, &trial->call, err) < 0)
		return -1;
	return proof_check(trial->proof, &call, err);
}

/* The words from i on, but the one called full, take their core values. */
static int check_others(struct trial *trial, size_t i, size_t full,
			struct err *err)
{
	if (i == full)
		i++;
	if (i >= trial->count)
		return check_case(trial, err);
	const struct word *word = &trial->words[i];

	for (size_t v = 0; v < word->core_count && v < trial->core_max; v++) {
		put(&trial->call, word, word->core[v]);
		if (check_others(trial, i + 1, full, err) < 0)
			return -1;
	}
	return 0;
}

/* With many words, fewer values of each: a test that holds, one that fails. */
static size_t core_max(size_t words)
{
	size_t cap = CORE_MAX;

	for (size_t product = OTHERS_MAX + 1; product > OTHERS_MAX && cap > 2;
	     cap--) {
		product = 1;
		for (size_t i = 1; i < words && product <= OTHERS_MAX; i++)
			product *= cap;
		if (product <= OTHERS_MAX)
			break;
	}
	return cap;
}

static int check_words(struct trial *trial, struct err *err)
{
	trial->core_max = core_max(trial->count);
	for (size_t full = 0; full < trial->count; full++) {
		const struct word *word = &trial->words[full];

		for (size_t v = 0; v < word->count; v++) {
			put(&trial->call, word, word->values[v]);
			if (check_others(trial, 0, full, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int check_call(const struct proof *proof, uint32_t nr, struct err *err)
{
	struct trial trial = {
		.proof = proof,
		.call = { .nr = nr, .arch = proof->arch->audit },
	};
	int result = 0;

	add_rules(&trial, proof->oracle.policy);
	if (proof->oracle.guards)
		add_rules(&trial, proof->oracle.guards);
	if (trial.count) {
		add_lines(&trial);
		result = check_words(&trial, err);
	}
	for (size_t i = 0; i < trial.count; i++)
		free(trial.words[i].values);
	return result;
}

int proof_arguments(const struct proof *proof, struct err *err)
{
	for (size_t i = 0; i < proof->arch->syscall_count; i++)
		if (check_call(proof, proof->arch->syscalls[i].nr, err) < 0)
			return -1;
	return 0;
}
