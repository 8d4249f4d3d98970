#include "seccomp/policy.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "seccomp/policy_edit.h"
#include "seccomp/rule.h"

/*
 * Calls a program makes without asking for them: it ends, the kernel resumes
 * or returns from an interrupted call, the vDSO falls back to the real call
 * (clocks without a user-space source), a tracer's uretprobe trampoline runs.
 * ARM's private calls belong here as well: libc makes them to start a thread
 * or flush a cache, and they reach nothing beyond the caller.
 */
static const char *const implied[] = {
	"breakpoint",	 "cacheflush",
	"clock_getres",	 "clock_getres_time64",
	"clock_gettime", "clock_gettime64",
	"exit",		 "exit_group",
	"get_tls",	 "getcpu",
	"gettimeofday",	 "restart_syscall",
	"rt_sigreturn",	 "set_tls",
	"sigreturn",	 "time",
	"uretprobe",	 "usr26",
	"usr32",
};

enum {
	IMPLIED = sizeof(implied) / sizeof(implied[0]),
	/* ARM's private calls, numbered from 0xf0001, have the last slots. */
	PRIVATE_SLOTS = 16,
	NR_SLOTS = POLICY_NR_MAX - PRIVATE_SLOTS,
};

bool policy_is_implied(struct slice name)
{
	for (size_t i = 0; i < IMPLIED; i++)
		if (slice_eq(name, implied[i]))
			return true;
	return false;
}

int policy_slot(const struct arch *arch, uint32_t nr)
{
	if (nr < NR_SLOTS)
		return (int)nr;
	if (arch->private_first && nr >= arch->private_first &&
	    nr <= arch->private_last &&
	    nr - arch->private_first < PRIVATE_SLOTS)
		return NR_SLOTS + (int)(nr - arch->private_first);
	return -1;
}

bool policy_is_listed(const struct policy *policy, uint32_t nr)
{
	int slot = policy_slot(policy->arch, nr);

	return slot >= 0 && policy->allowed[slot / 64] >> slot % 64 & 1;
}

static void put_bit(struct policy *policy, uint32_t nr, bool is_allowed)
{
	int slot = policy_slot(policy->arch, nr);

	if (slot < 0)
		return;
	uint64_t bit = (uint64_t)1 << slot % 64;

	if (is_allowed)
		policy->allowed[slot / 64] |= bit;
	else
		policy->allowed[slot / 64] &= ~bit;
}

void policy_init_bare(struct policy *policy, const struct arch *arch)
{
	*policy = (struct policy){
		.arch = arch,
		.otherwise = SECCOMP_RET_ERRNO | EPERM,
	};
}

void policy_init(struct policy *policy, const struct arch *arch)
{
	policy_init_bare(policy, arch);
	for (size_t i = 0; i < IMPLIED; i++) {
		int nr = arch_syscall_nr(arch, slice_from(implied[i]));

		if (nr >= 0)
			put_bit(policy, (uint32_t)nr, true);
	}
}

void policy_free(struct policy *policy)
{
	for (size_t i = 0; i < policy->rule_count; i++)
		rule_free(&policy->rules[i]);
	free(policy->rules);
	policy->rules = NULL;
	policy->rule_count = 0;
}

void policy_copy(struct policy *to, const struct policy *from)
{
	*to = *from;
	if (!from->rule_count)
		return;
	to->rules = mem_new(from->rule_count, sizeof(*to->rules));
	for (size_t i = 0; i < from->rule_count; i++)
		rule_copy(&to->rules[i], &from->rules[i]);
}

const struct rule *policy_rules(const struct policy *policy, uint32_t nr,
				size_t *count)
{
	size_t first = 0;

	*count = 0;
	if (!policy->rule_count)
		return NULL;
	while (first < policy->rule_count && policy->rules[first].nr < nr)
		first++;
	while (first + *count < policy->rule_count &&
	       policy->rules[first + *count].nr == nr)
		++*count;
	return policy->rules + first;
}

uint32_t policy_fallback(const struct policy *policy, uint32_t nr)
{
	size_t count;
	const struct rule *rules = policy_rules(policy, nr, &count);

	if (count && !rules[count - 1].test_count)
		return rules[count - 1].action;
	return policy_is_listed(policy, nr) ? SECCOMP_RET_ALLOW
					    : policy->otherwise;
}

bool policy_allows(const struct policy *policy, uint32_t nr)
{
	size_t count;
	const struct rule *rules = policy_rules(policy, nr, &count);

	for (size_t i = 0; i < count; i++)
		if (rule_lets_pass(rules[i].action))
			return true;
	return policy_slot(policy->arch, nr) >= 0 &&
	       rule_lets_pass(policy_fallback(policy, nr));
}

uint32_t policy_action(const struct policy *policy, uint32_t nr,
		       const uint64_t args[6])
{
	size_t count;
	const struct rule *rules = policy_rules(policy, nr, &count);

	for (size_t i = 0; i < count; i++)
		if (rule_holds(&rules[i], args))
			return rules[i].action;
	return policy_fallback(policy, nr);
}

size_t policy_count(const struct policy *policy)
{
	const struct arch *arch = policy->arch;
	size_t count = 0;

	for (size_t i = 0; i < arch->syscall_count; i++) {
		uint32_t nr = arch->syscalls[i].nr;

		/* A number with two names counts once. */
		if (i && arch->syscalls[i - 1].nr == nr)
			continue;
		count += policy_allows(policy, nr);
	}
	return count;
}

/* A policy without rules holds no memory. */
static void drop_empty(struct policy *policy)
{
	if (policy->rule_count)
		return;
	free(policy->rules);
	policy->rules = NULL;
}

void policy_clear(struct policy *policy, uint32_t nr)
{
	size_t kept = 0;

	put_bit(policy, nr, false);
	for (size_t i = 0; i < policy->rule_count; i++) {
		if (policy->rules[i].nr == nr)
			rule_free(&policy->rules[i]);
		else
			policy->rules[kept++] = policy->rules[i];
	}
	policy->rule_count = kept;
	drop_empty(policy);
}

bool policy_add_rule(struct policy *policy, struct rule *rule)
{
	size_t i = policy->rule_count;

	if (i == POLICY_RULES_MAX) {
		rule_free(rule);
		return false;
	}
	policy->rules = mem_grow(policy->rules, i + 1, sizeof(*policy->rules));
	for (; i && (policy->rules[i - 1].nr > rule->nr ||
		     (policy->rules[i - 1].nr == rule->nr &&
		      rule_compare(&policy->rules[i - 1], rule) > 0));
	     i--)
		policy->rules[i] = policy->rules[i - 1];
	policy->rules[i] = *rule;
	policy->rule_count++;
	return true;
}

void policy_set(struct policy *policy, uint32_t nr, uint32_t action)
{
	struct rule rule = { .nr = nr, .action = action };

	policy_clear(policy, nr);
	if (action == SECCOMP_RET_ALLOW)
		put_bit(policy, nr, true);
	else
		policy_add_rule(policy, &rule);
}

static void remove_rule(struct policy *policy, size_t i)
{
	rule_free(&policy->rules[i]);
	policy->rule_count--;
	memmove(&policy->rules[i], &policy->rules[i + 1],
		(policy->rule_count - i) * sizeof(*policy->rules));
}

/* Join the rules from first to end of one call. Returns the new end. */
static size_t join(struct policy *policy, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		for (size_t j = i + 1; j < end; j++) {
			if (!rule_join(&policy->rules[i], &policy->rules[j]))
				continue;
			remove_rule(policy, j);
			/* What was none before may join the wider rule. */
			return join(policy, first, end - 1);
		}
	}
	return end;
}

static int by_order(const void *a, const void *b)
{
	return rule_compare(a, b);
}

/* Drop rules behind which the call would get the same answer anyway. */
static size_t drop(struct policy *policy, size_t first, size_t end)
{
	uint32_t nr = policy->rules[first].nr;
	uint32_t answer = policy_fallback(policy, nr);
	bool is_said = !policy->rules[end - 1].test_count;
	size_t last = end - is_said;

	while (last > first && policy->rules[last - 1].action == answer) {
		remove_rule(policy, --last);
		end--;
	}
	if (is_said &&
	    (answer == SECCOMP_RET_ALLOW || answer == policy->otherwise)) {
		remove_rule(policy, --end);
		put_bit(policy, nr,
			answer == SECCOMP_RET_ALLOW &&
				policy->otherwise != SECCOMP_RET_ALLOW);
	}
	return end;
}

void policy_tidy(struct policy *policy)
{
	size_t end;

	for (size_t first = 0; first < policy->rule_count; first = end) {
		uint32_t nr = policy->rules[first].nr;

		end = first;
		while (end < policy->rule_count && policy->rules[end].nr == nr)
			end++;
		end = join(policy, first, end);
		qsort(policy->rules + first, end - first,
		      sizeof(*policy->rules), by_order);
		end = drop(policy, first, end);
	}
	drop_empty(policy);
	if (policy->otherwise == SECCOMP_RET_ALLOW)
		memset(policy->allowed, 0, sizeof(policy->allowed));
}

void policy_add_rules(struct policy *policy, const struct policy *other,
		      uint32_t nr)
{
	size_t count;
	const struct rule *rules = policy_rules(other, nr, &count);

	for (size_t i = 0; i < count; i++) {
		struct rule rule;

		rule_copy(&rule, &rules[i]);
		policy_add_rule(policy, &rule);
	}
}

void policy_take(struct policy *policy, const struct policy *other, uint32_t nr)
{
	policy_clear(policy, nr);
	put_bit(policy, nr, policy_is_listed(other, nr));
	policy_add_rules(policy, other, nr);
}
