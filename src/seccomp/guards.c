#include "seccomp/guards.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "arch/arch.h"
#include "seccomp/policy.h"

const struct guard guards[] = {
	/*
	 * Namespaces: the way to user namespaces and all they open. Flags are
	 * the first argument on each of pith's machines (s390 differs), and
	 * the kernel drops the upper half. CLONE_NEWTIME lies within the exit
	 * signal's bits, where clone(2) cannot mean it.
	 */
	{
		.call = "clone",
		.test = GUARD_BITS,
		.arg = 0,
		.mask = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
			CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
			CLONE_NEWNET,
		.verdict = SECCOMP_RET_ERRNO | EPERM,
	},
	/*
	 * Its flags lie in memory, which no filter can read. "No such call"
	 * makes libc fall back to clone; a mere refusal would not.
	 */
	{
		.call = "clone3",
		.test = GUARD_ALWAYS,
		.verdict = SECCOMP_RET_ERRNO | ENOSYS,
	},
	/* Typing into the terminal of whoever started the container. */
	{
		.call = "ioctl",
		.test = GUARD_VALUE,
		.arg = 1,
		.values = { TIOCSTI, TIOCLINUX },
		.value_count = 2,
		.verdict = SECCOMP_RET_ERRNO | EPERM,
	},
	/* seccomp(2) by its older door. */
	{
		.call = "prctl",
		.unless = "seccomp",
		.test = GUARD_VALUE,
		.arg = 0,
		.values = { PR_SET_SECCOMP },
		.value_count = 1,
		.verdict = SECCOMP_RET_ERRNO | EPERM,
	},
};

const size_t guards_count = sizeof(guards) / sizeof(guards[0]);

const struct guard *guard_find(struct slice call)
{
	for (size_t i = 0; i < guards_count; i++)
		if (slice_eq(call, guards[i].call))
			return &guards[i];
	return NULL;
}

bool guard_applies(const struct guard *guard, const struct policy *policy)
{
	if (!guard->unless)
		return true;
	int nr = arch_syscall_nr(policy->arch, slice_from(guard->unless));

	return nr < 0 || !policy_allows(policy, (uint32_t)nr);
}
