#include "seccomp/oracle.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "arch/arch.h"
#include "data/bpf.h"
#include "seccomp/policy.h"
#include "seccomp/rule.h"

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

static enum oracle_role role_of(const char *name)
{
	if (strcmp(name, "execve") == 0)
		return ORACLE_EXECVE;
	if (strcmp(name, "execveat") == 0)
		return ORACLE_EXECVEAT;
	return ORACLE_CALL;
}

/* Numbers beyond every table are ARM's private calls, or nobody's. */
static enum oracle_role role_of_number(const struct oracle *oracle, uint32_t nr)
{
	if (nr < POLICY_NR_MAX)
		return (enum oracle_role)oracle->role[nr];
	return arch_syscall_name(oracle->policy->arch, nr) ? ORACLE_CALL
							   : ORACLE_UNKNOWN;
}

/* The guard that says something whatever the arguments are, or NULL. */
static const struct rule *flat_guard(const struct oracle *oracle, uint32_t nr)
{
	size_t count;

	if (!oracle->guards)
		return NULL;
	const struct rule *rules = policy_rules(oracle->guards, nr, &count);

	return count && !rules[count - 1].test_count ? &rules[count - 1] : NULL;
}

/* The strictest answer of the rules with tests that hold; *found says if any. */
static void strictest(uint32_t *action, bool *found,
		      const struct policy *policy, const struct bpf_data *call)
{
	size_t count;
	const struct rule *rules = policy_rules(policy, call->nr, &count);

	for (size_t i = 0; i < count; i++) {
		if (!rules[i].test_count || !rule_holds(&rules[i], call->args))
			continue;
		if (!*found || rule_is_stricter(rules[i].action, *action))
			*action = rules[i].action;
		*found = true;
	}
}

static uint32_t known_call(const struct oracle *oracle,
			   const struct bpf_data *call, enum oracle_role role)
{
	const struct rule *flat = flat_guard(oracle, call->nr);
	uint32_t action = policy_fallback(oracle->policy, call->nr);
	bool found = false;

	if (oracle->is_gated && role == ORACLE_EXECVEAT)
		return SECCOMP_RET_KILL_PROCESS;
	if (oracle->is_gated && role == ORACLE_EXECVE)
		return has_cookie(oracle, call) ? SECCOMP_RET_ALLOW
						: SECCOMP_RET_KILL_PROCESS;
	if (flat)
		return flat->action;
	if (role == ORACLE_EXECVE && oracle->guards)
		return SECCOMP_RET_ALLOW; /* or nothing could be started */
	strictest(&action, &found, oracle->policy, call);
	if (oracle->guards && policy_allows(oracle->policy, call->nr))
		strictest(&action, &found, oracle->guards, call);
	return action;
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

static uint32_t words_of(const struct policy *policy, uint32_t nr)
{
	size_t count;
	const struct rule *rules = policy_rules(policy, nr, &count);
	uint32_t words = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t t = 0; t < rules[i].test_count; t++) {
			const struct rule_test *test = &rules[i].tests[t];

			if ((uint32_t)test->mask)
				words |= bpf_word(bpf_arg_low(test->arg));
			if (test->mask >> 32)
				words |= bpf_word(bpf_arg_high(test->arg));
		}
	}
	return words;
}

static uint32_t find_words(const struct oracle *oracle, uint32_t nr)
{
	const struct policy *policy = oracle->policy;
	uint32_t words = bpf_word(BPF_NR) | bpf_word(BPF_ARCH);
	enum oracle_role role = role_of_number(oracle, nr);

	if (oracle->is_gated && role == ORACLE_EXECVE)
		return words | cookie_words(policy->arch);
	if ((oracle->is_gated && role == ORACLE_EXECVEAT) ||
	    (oracle->guards && role == ORACLE_EXECVE) || flat_guard(oracle, nr))
		return words;
	words |= words_of(policy, nr);
	if (oracle->guards && policy_allows(policy, nr))
		words |= words_of(oracle->guards, nr);
	return words;
}

uint32_t oracle_words(const struct oracle *oracle, const struct bpf_data *call)
{
	if (call->arch != oracle->policy->arch->audit)
		return bpf_word(BPF_ARCH);
	return call->nr < POLICY_NR_MAX ? oracle->words[call->nr]
					: find_words(oracle, call->nr);
}

void oracle_init(struct oracle *oracle, const struct policy *policy,
		 const struct policy *guards, bool is_gated)
{
	const struct arch *arch = policy->arch;

	*oracle = (struct oracle){
		.policy = policy,
		.guards = guards,
		.is_gated = is_gated,
	};
	for (size_t i = 0; i < arch->syscall_count; i++)
		if (arch->syscalls[i].nr < POLICY_NR_MAX)
			oracle->role[arch->syscalls[i].nr] = (uint8_t)role_of(
				arch->syscalls[i].name);
	for (uint32_t nr = 0; nr < POLICY_NR_MAX; nr++)
		oracle->words[nr] = find_words(oracle, nr);
}
