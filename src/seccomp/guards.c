#include "seccomp/guards.h"

#include <errno.h>
#include <linux/seccomp.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/harden.h"
#include "seccomp/policy_edit.h"
#include "seccomp/rule.h"

/* Typing into the terminal of whoever started the container. */
static const char terminal[] = "ioctl: request in TIOCSTI TIOCLINUX -> EPERM\n";

/* seccomp(2) by its older door. */
static const char old_door[] = "prctl: option == PR_SET_SECCOMP -> EPERM\n";

static bool allows(const struct policy *policy, const char *name)
{
	int nr = arch_syscall_nr(policy->arch, slice_from(name));

	return nr >= 0 && policy_allows(policy, (uint32_t)nr);
}

int guards_make(struct policy *guards, const struct policy *policy,
		const struct harden *harden, struct err *err)
{
	static const struct harden none;
	int clone3 = arch_syscall_nr(policy->arch, SLICE("clone3"));
	auto_buf struct buf text = { 0 };

	buf_text(&text, terminal);
	if (!allows(policy, "seccomp"))
		buf_text(&text, old_door);
	harden_print(&text, harden ? harden : &none);
	policy_init_bare(guards, policy->arch);
	guards->otherwise = SECCOMP_RET_ALLOW;
	if (policy_parse(guards, buf_slice(&text), err) < 0) {
		policy_free(guards);
		return err_wrap(err, "guards");
	}
	/*
	 * Its flags lie in memory, which no filter can read. "No such call"
	 * makes libc fall back to clone; a mere refusal would not.
	 */
	if (clone3 >= 0)
		policy_set(guards, (uint32_t)clone3,
			   SECCOMP_RET_ERRNO | ENOSYS);
	return 0;
}

int guards_apply(struct policy *policy, const struct policy *guards,
		 struct err *err)
{
	for (size_t i = 0; i < guards->rule_count; i++) {
		const struct rule *guard = &guards->rules[i];
		struct rule rule;

		if (!guard->test_count) {
			policy_set(policy, guard->nr, guard->action);
			continue;
		}
		if (!policy_allows(policy, guard->nr))
			continue;
		rule_copy(&rule, guard);
		if (!policy_add_rule(policy, &rule))
			return err_set(err, 0, "more than %d rules",
				       POLICY_RULES_MAX);
	}
	policy_tidy(policy);
	return 0;
}
