/* What two policies together allow. */
#include <linux/seccomp.h>

#include "arch/arch.h"
#include "base/err.h"
#include "seccomp/policy_edit.h"
#include "seccomp/rule.h"

/* What a policy says of one call, in the terms that merging asks for. */
enum says {
	SAYS_ALLOW,	/* allowed, whatever the arguments */
	SAYS_NO,	/* not allowed, whatever the arguments */
	SAYS_SOME,	/* allowed under conditions, and nothing else said */
	SAYS_EXCEPTION, /* more than that */
};

static enum says says(const struct policy *policy, uint32_t nr)
{
	static const uint64_t none[6];
	size_t count, passing = 0, tested = 0;
	const struct rule *rules = policy_rules(policy, nr, &count);

	for (size_t i = 0; i < count; i++) {
		passing += rules[i].action == SECCOMP_RET_ALLOW;
		tested += rules[i].test_count > 0;
	}
	if (!tested)
		return policy_action(policy, nr, none) == SECCOMP_RET_ALLOW
			       ? SAYS_ALLOW
			       : SAYS_NO;
	if (passing == count && !policy_is_listed(policy, nr))
		return SAYS_SOME;
	return SAYS_EXCEPTION;
}

static bool is_equal(const struct policy *a, const struct policy *b,
		     uint32_t nr)
{
	static const uint64_t none[6];
	size_t count, other;
	const struct rule *rules = policy_rules(a, nr, &count);
	const struct rule *others = policy_rules(b, nr, &other);

	if (count != other)
		return false;
	for (size_t i = 0; i < count; i++)
		if (rule_compare(&rules[i], &others[i]) != 0)
			return false;
	return count ||
	       policy_action(a, nr, none) == policy_action(b, nr, none);
}

/* Neither allows it: the milder refusal. */
static void merge_refusal(struct policy *policy, const struct policy *other,
			  uint32_t nr)
{
	static const uint64_t none[6];

	if (rule_is_stricter(policy_action(policy, nr, none),
			     policy_action(other, nr, none)))
		policy_take(policy, other, nr);
}

static int merge_call(struct policy *policy, const struct policy *other,
		      uint32_t nr, struct err *err)
{
	enum says ours = says(policy, nr);
	enum says theirs = says(other, nr);

	if (is_equal(policy, other, nr) || ours == SAYS_ALLOW)
		return 0;
	if (theirs == SAYS_ALLOW || (ours == SAYS_NO && theirs != SAYS_NO)) {
		policy_take(policy, other, nr);
	} else if (ours == SAYS_NO) {
		merge_refusal(policy, other, nr);
	} else if (ours == SAYS_SOME && theirs == SAYS_SOME) {
		policy_add_rules(policy, other, nr);
	} else if (theirs != SAYS_NO) {
		return err_set(err, 0,
			       "%s: both have rules for it, and not only of "
			       "what is allowed: keep one",
			       arch_syscall_name(policy->arch, nr));
	}
	return 0;
}

int policy_merge(struct policy *policy, const struct policy *other,
		 struct err *err)
{
	const struct arch *arch = policy->arch;

	for (size_t i = 0; i < arch->syscall_count; i++)
		if (merge_call(policy, other, arch->syscalls[i].nr, err) < 0)
			return -1;
	if (rule_is_stricter(policy->otherwise, other->otherwise))
		policy->otherwise = other->otherwise;
	policy_tidy(policy);
	return 0;
}
