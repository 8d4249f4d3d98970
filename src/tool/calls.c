#include "tool/calls.h"

#include <string.h>

#include "arch/arch.h"
#include "base/err.h"
#include "seccomp/policy.h"

bool calls_is_policys(const struct arch *arch, uint32_t nr)
{
	const char *name = arch_syscall_name(arch, nr);
	auto_policy struct policy policy = { 0 };
	struct err ignored;

	if (!name || strcmp(name, "execve") == 0 ||
	    strcmp(name, "execveat") == 0)
		return false;
	policy_init(&policy, arch);
	return policy_add(&policy, slice_from(name), &ignored) == 0 &&
	       policy_allows(&policy, nr);
}
