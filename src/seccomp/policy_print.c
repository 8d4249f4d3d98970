/* The canonical text of a policy. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/scope.h"
#include "data/action.h"
#include "seccomp/condition.h"
#include "seccomp/policy_edit.h"
#include "seccomp/rule.h"

static void print_rule(struct buf *out, const struct policy *policy,
		       const char *name, const struct rule *rule)
{
	buf_fmt(out, "%s: ", name);
	if (rule->test_count)
		condition_print(out, policy->arch, rule);
	if (rule->test_count && rule->action != SECCOMP_RET_ALLOW)
		buf_text(out, " -> ");
	if (!rule->test_count || rule->action != SECCOMP_RET_ALLOW)
		action_print(out, rule->action);
	buf_text(out, "\n");
}

/*
 * Whether who reads the rules would allow the call besides: it is always
 * needed, and none of them says when it is allowed or what holds otherwise.
 */
static bool would_be_allowed(const char *name, const struct rule *rules,
			     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!rules[i].test_count || rule_lets_pass(rules[i].action))
			return false;
	return policy_is_implied(slice_from(name));
}

void policy_print_call(struct buf *out, const struct policy *policy,
		       uint32_t nr)
{
	const char *name = arch_syscall_name(policy->arch, nr);
	size_t count;
	const struct rule *rules = policy_rules(policy, nr, &count);

	for (size_t i = 0; i < count; i++)
		print_rule(out, policy, name, &rules[i]);
	if (policy_is_listed(policy, nr)) {
		buf_fmt(out, "%s\n", name);
	} else if (would_be_allowed(name, rules, count) &&
		   policy->otherwise != SECCOMP_RET_ALLOW) {
		buf_fmt(out, "%s: ", name);
		action_print(out, policy->otherwise);
		buf_text(out, "\n");
	}
}

static int by_name(const void *a, const void *b)
{
	const struct arch_syscall *x = a;
	const struct arch_syscall *y = b;

	return strcmp(x->name, y->name);
}

void policy_print(struct buf *out, const struct policy *policy)
{
	const struct arch *arch = policy->arch;
	size_t count = 0;
	auto_free struct arch_syscall *calls = mem_new(arch->syscall_count,
						       sizeof(*calls));

	for (size_t i = 0; i < arch->syscall_count; i++)
		/* A number with two names counts once. */
		if (!i || arch->syscalls[i - 1].nr != arch->syscalls[i].nr)
			calls[count++] = arch->syscalls[i];
	qsort(calls, count, sizeof(*calls), by_name);
	if (policy->otherwise != (SECCOMP_RET_ERRNO | EPERM)) {
		buf_text(out, "default: ");
		action_print(out, policy->otherwise);
		buf_text(out, "\n");
	}
	for (size_t i = 0; i < count; i++)
		policy_print_call(out, policy, calls[i].nr);
}
