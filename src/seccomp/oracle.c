#include "seccomp/oracle.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "arch/arch.h"
#include "data/bpf.h"
#include "seccomp/guards.h"
#include "seccomp/policy.h"

enum { X32_FIRST = 0x40000000 };

/* Two halves make a word: the register's. */
static uint64_t joined(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

static bool has_cookie(const struct oracle *oracle, const struct bpf_data *call)
{
	const uint32_t *c = oracle->cookie;

	if (oracle->policy->arch->elf_class == 2)
		return call->args[4] == joined(c[0], c[1]) &&
		       call->args[5] == joined(c[2], c[3]);
	return (uint32_t)call->args[3] == c[0] &&
	       (uint32_t)call->args[4] == c[1] &&
	       (uint32_t)call->args[5] == c[2];
}

static bool is_hit(const struct guard *guard, const struct bpf_data *call)
{
	uint32_t low = (uint32_t)call->args[guard->arg];

	if (guard->test == GUARD_ALWAYS)
		return true;
	if (guard->test == GUARD_BITS)
		return low & guard->mask;
	for (size_t i = 0; i < guard->value_count; i++)
		if (low == guard->values[i])
			return true;
	return false;
}

static enum oracle_role role_of(const char *name)
{
	if (strcmp(name, "execve") == 0)
		return ORACLE_EXECVE;
	if (strcmp(name, "execveat") == 0)
		return ORACLE_EXECVEAT;
	return ORACLE_CALL;
}

void oracle_init(struct oracle *oracle, const struct policy *policy,
		 bool is_gated)
{
	const struct arch *arch = policy->arch;

	*oracle = (struct oracle){ .policy = policy, .is_gated = is_gated };
	for (size_t i = 0; i < arch->syscall_count; i++) {
		const struct arch_syscall *call = &arch->syscalls[i];

		if (call->nr >= POLICY_NR_MAX)
			continue;
		oracle->role[call->nr] = (uint8_t)role_of(call->name);
		oracle->guard[call->nr] = guard_find(slice_from(call->name));
	}
}

/* Numbers beyond every table are ARM's private calls, or nobody's. */
static enum oracle_role role_of_number(const struct oracle *oracle, uint32_t nr)
{
	if (nr < POLICY_NR_MAX)
		return (enum oracle_role)oracle->role[nr];
	return arch_syscall_name(oracle->policy->arch, nr) ? ORACLE_CALL
							   : ORACLE_UNKNOWN;
}

static const struct guard *guard_of_number(const struct oracle *oracle,
					   uint32_t nr)
{
	return nr < POLICY_NR_MAX ? oracle->guard[nr] : NULL;
}

static uint32_t known_call(const struct oracle *oracle,
			   const struct bpf_data *call, enum oracle_role role)
{
	const struct guard *guard = guard_of_number(oracle, call->nr);

	if (oracle->is_gated && role == ORACLE_EXECVEAT)
		return SECCOMP_RET_KILL_PROCESS;
	if (oracle->is_gated && role == ORACLE_EXECVE)
		return has_cookie(oracle, call) ? SECCOMP_RET_ALLOW
						: SECCOMP_RET_KILL_PROCESS;
	if (guard && guard->test == GUARD_ALWAYS)
		return guard->verdict;
	if (role == ORACLE_EXECVE)
		return SECCOMP_RET_ALLOW; /* or nothing could be started */
	if (!policy_allows(oracle->policy, call->nr))
		return SECCOMP_RET_ERRNO | EPERM;
	if (guard && guard_applies(guard, oracle->policy) &&
	    is_hit(guard, call))
		return guard->verdict;
	return SECCOMP_RET_ALLOW;
}

uint32_t oracle_action(const struct oracle *oracle, const struct bpf_data *call)
{
	const struct arch *arch = oracle->policy->arch;

	if (call->arch != arch->audit)
		return SECCOMP_RET_KILL_PROCESS;
	enum oracle_role role = role_of_number(oracle, call->nr);

	if (role != ORACLE_UNKNOWN)
		return known_call(oracle, call, role);
	if (arch == &arch_x86_64 && call->nr >= X32_FIRST &&
	    call->nr != UINT32_MAX)
		return SECCOMP_RET_KILL_PROCESS;
	/* In the table's gaps too: libc asks for what may be there one day. */
	return SECCOMP_RET_ERRNO | ENOSYS;
}

static uint32_t cookie_words(const struct arch *arch)
{
	uint32_t words = bpf_word(bpf_arg_low(4)) | bpf_word(bpf_arg_low(5));

	if (arch->elf_class == 2)
		return words | bpf_word(bpf_arg_high(4)) |
		       bpf_word(bpf_arg_high(5));
	return words | bpf_word(bpf_arg_low(3));
}

uint32_t oracle_words(const struct oracle *oracle, const struct bpf_data *call)
{
	const struct arch *arch = oracle->policy->arch;
	const struct guard *guard = guard_of_number(oracle, call->nr);
	uint32_t words = bpf_word(BPF_NR) | bpf_word(BPF_ARCH);

	if (call->arch != arch->audit)
		return bpf_word(BPF_ARCH);
	if (oracle->is_gated &&
	    role_of_number(oracle, call->nr) == ORACLE_EXECVE)
		return words | cookie_words(arch);
	if (!guard || guard->test == GUARD_ALWAYS ||
	    !guard_applies(guard, oracle->policy) ||
	    !policy_allows(oracle->policy, call->nr))
		return words;
	return words | bpf_word(bpf_arg_low(guard->arg));
}
