#include "seccomp/judge_rules.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "arch/argument.h"
#include "base/err.h"
#include "data/bpf.h"
#include "seccomp/policy.h"
#include "seccomp/rule.h"

/* Sets of values multiply where a rule has several. */
enum { COMPARES_MAX = 4096 };

struct making {
	const struct arch *arch;
	const char *name;
	scmp_filter_ctx context;
	size_t count;
	struct scmp_arg_cmp compares[RULE_TESTS_MAX];
};

/* Whether the test looks at all bits that the kernel takes. */
static bool is_whole(const struct making *making, const struct rule_test *test)
{
	struct argument argument = argument_at(
		making->arch, slice_from(making->name), test->arg);

	return test->mask == argument_mask(&argument);
}

static int add(struct making *making, struct err *err)
{
	int nr = seccomp_syscall_resolve_name(making->name);
	int got = seccomp_rule_add_array(making->context, SCMP_ACT_ALLOW, nr,
					 (unsigned int)making->count,
					 making->compares);

	if (got == 0 || got == -EEXIST)
		return 0;
	return err_set(err, -got, "libseccomp: a rule of %s", making->name);
}

static struct scmp_arg_cmp compare(const struct making *making,
				   const struct rule_test *test, size_t i)
{
	uint64_t value = test->values[i];

	if (test->op == RULE_BELOW)
		return SCMP_CMP64(test->arg, SCMP_CMP_LT, value);
	if (test->op == RULE_FROM)
		return SCMP_CMP64(test->arg, SCMP_CMP_GE, value);
	if (is_whole(making, test))
		return SCMP_CMP64(test->arg, SCMP_CMP_EQ, value);
	return SCMP_CMP64(test->arg, SCMP_CMP_MASKED_EQ, test->mask, value);
}

/* Whether the test is a comparison of the rule's first part; see the header. */
static bool is_of_first(const struct rule *rule, size_t t)
{
	for (size_t i = 0; i < t; i++)
		if (rule->tests[i].arg == rule->tests[t].arg &&
		    rule->tests[i].op != RULE_NOT_IN)
			return false;
	return rule->tests[t].op != RULE_NOT_IN;
}

/* One rule for each choice of a value of each test of the first part. */
static int add_choices(struct making *making, const struct rule *rule,
		       size_t from, struct err *err)
{
	while (from < rule->test_count && !is_of_first(rule, from))
		from++;
	if (from == rule->test_count)
		return add(making, err);
	const struct rule_test *test = &rule->tests[from];

	for (size_t i = 0; i < test->count; i++) {
		making->compares[making->count++] = compare(making, test, i);
		int got = add_choices(making, rule, from + 1, err);

		making->count--;
		if (got < 0)
			return -1;
	}
	return 0;
}

/* Start a part; its context is in making. */
static int begin(struct making *making, struct err *err)
{
	making->count = 0;
	making->context = judge_context(making->arch, SCMP_ACT_ERRNO(EPERM),
					err);
	return making->context ? 0 : -1;
}

static int end(struct judge_rule *out, struct making *making, bool is_excluded,
	       int got, struct err *err)
{
	struct judge_part *part = &out->parts[out->count++];

	part->is_excluded = is_excluded;
	if (got == 0)
		got = judge_export(&part->program, making->context, err);
	seccomp_release(making->context);
	return got;
}

/* A part for one test alone: where it holds, or where its values are. */
static int make_alone(struct judge_rule *out, struct making *making,
		      const struct rule_test *test, struct err *err)
{
	int got = 0;

	if (begin(making, err) < 0)
		return -1;
	for (size_t i = 0; got == 0 && i < test->count; i++) {
		making->compares[0] = compare(making, test, i);
		making->count = 1;
		got = add(making, err);
	}
	return end(out, making, test->op == RULE_NOT_IN, got, err);
}

static int make_rule(struct judge_rule *out, struct making *making,
		     const struct rule *rule, struct err *err)
{
	out->action = rule->action;
	out->parts = mem_new(1 + rule->test_count, sizeof(*out->parts));
	if (begin(making, err) < 0)
		return -1;
	int got = add_choices(making, rule, 0, err);

	if (end(out, making, false, got, err) < 0)
		return -1;
	for (size_t i = 0; i < rule->test_count; i++)
		if (!is_of_first(rule, i) &&
		    make_alone(out, making, &rule->tests[i], err) < 0)
			return -1;
	return 0;
}

/* Comparisons under a mask are for equality, and choices multiply. */
static bool can_say(const struct making *making, const struct rule *rule)
{
	size_t choices = 1;

	for (size_t i = 0; i < rule->test_count; i++) {
		const struct rule_test *test = &rule->tests[i];
		bool is_order = test->op == RULE_BELOW || test->op == RULE_FROM;

		if (is_order && !is_whole(making, test))
			return false;
		choices *= is_of_first(rule, i) ? test->count : 1;
		if (choices > COMPARES_MAX)
			return false;
	}
	return true;
}

enum judge_made judge_rules_make(struct judge_rules *out,
				 const struct policy *policy, uint32_t nr,
				 struct err *err)
{
	struct making making = {
		.arch = policy->arch,
		.name = arch_syscall_name(policy->arch, nr),
	};
	size_t count;
	const struct rule *rules = policy_rules(policy, nr, &count);

	*out = (struct judge_rules){ .rules = mem_new(count,
						      sizeof(*out->rules)) };
	for (size_t i = 0; i < count; i++)
		if (!can_say(&making, &rules[i]))
			return JUDGE_BEYOND;
	for (size_t i = 0; i < count; i++)
		if (rules[i].test_count &&
		    make_rule(&out->rules[out->count++], &making, &rules[i],
			      err) < 0)
			return JUDGE_FAILED;
	return JUDGE_MADE;
}

void judge_rules_free(struct judge_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		free(rules->rules[i].parts);
	free(rules->rules);
	*rules = (struct judge_rules){ 0 };
}

static int part_holds(bool *out, const struct judge_part *part,
		      const struct bpf_data *call, struct err *err)
{
	uint32_t action;

	if (judge_verdict(&action, &part->program, call, err) < 0)
		return -1;
	*out = (action == SECCOMP_RET_ALLOW) != part->is_excluded;
	return 0;
}

int judge_rules_verdict(uint32_t *action, const struct judge_rules *rules,
			const struct bpf_data *call, struct err *err)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct judge_rule *rule = &rules->rules[i];
		bool holds = true;

		for (size_t p = 0; holds && p < rule->count; p++)
			if (part_holds(&holds, &rule->parts[p], call, err) < 0)
				return -1;
		if (holds) {
			*action = rule->action;
			return 0;
		}
	}
	return 0;
}
