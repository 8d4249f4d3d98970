/*
 * The compiler against libseccomp: the same rules built with both, both
 * programs run on the same calls. libseccomp is a judge here and no part of
 * the tool.
 */
#include "seccomp/compile.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "seccomp/policy.h"

enum { ROUNDS = 25 };

/* libseccomp's name of an architecture. */
static uint32_t token_of(const struct arch *arch)
{
	static const struct {
		const struct arch *arch;
		uint32_t token;
	} rows[] = {
		{ &arch_x86_64, SCMP_ARCH_X86_64 },
		{ &arch_aarch64, SCMP_ARCH_AARCH64 },
		{ &arch_armhf, SCMP_ARCH_ARM },
		{ &arch_riscv64, SCMP_ARCH_RISCV64 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].arch == arch)
			return rows[i].token;
	fail_msg("%s", arch->name);
	return 0;
}

static scmp_filter_ctx context_for(const struct arch *arch)
{
	uint32_t token = token_of(arch);

	seccomp_api_set(3);
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	assert_non_null(context);
	if (token != seccomp_arch_native()) {
		assert_int_equal(seccomp_arch_add(context, token), 0);
		assert_int_equal(
			seccomp_arch_remove(context, seccomp_arch_native()), 0);
	}
	assert_int_equal(seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH,
					  SCMP_ACT_KILL_PROCESS),
			 0);
	return context;
}

struct exported {
	struct filter_insn insns[FILTER_INSNS_MAX];
	size_t count;
};

static void export(struct exported *out, scmp_filter_ctx context)
{
	auto_fd int fd = memfd_create("filter", MFD_CLOEXEC);

	assert_int_equal(seccomp_export_bpf(context, fd), 0);
	ssize_t size = io_read_at(fd, out->insns, sizeof(out->insns), 0);

	assert_true(size > 0 && (size_t)size < sizeof(out->insns));
	out->count = (size_t)size / sizeof(out->insns[0]);
}

static uint32_t verdict(const struct filter_insn *insns, size_t count,
			const struct bpf_data *call)
{
	struct bpf_result got;
	struct err err = { 0 };

	if (bpf_run(&got, insns, count, call, &err) < 0)
		fail_msg("%s", err.text);
	return got.action;
}

/* The same sequence of numbers on every machine and in every run. */
static uint32_t next_number(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Calls that filters of pith's treat in a way of their own. */
static bool is_guarded(const char *name)
{
	static const char *const names[] = {
		"clone", "clone3", "execve", "execveat", "ioctl", "prctl",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Calls that libseccomp knows and no guard concerns, about half of them. */
static void pick(struct policy *policy, scmp_filter_ctx context, uint32_t *seed)
{
	const struct arch *arch = policy->arch;

	for (size_t i = 0; i < arch->syscall_count; i++) {
		const char *name = arch->syscalls[i].name;
		int nr = seccomp_syscall_resolve_name(name);
		int theirs = seccomp_syscall_resolve_name_arch(token_of(arch),
							       name);

		if (nr == __NR_SCMP_ERROR || theirs < 0 || is_guarded(name))
			continue;
		if (!policy_allows(policy, arch->syscalls[i].nr)) {
			if (next_number(seed) & 1)
				continue;
			assert_int_equal(policy_add(policy, slice_from(name),
						    &(struct err){ 0 }),
					 0);
		}
		assert_int_equal(
			seccomp_rule_add(context, SCMP_ACT_ALLOW, nr, 0), 0);
	}
}

/* What pith answers otherwise than libseccomp, on purpose. */
static bool is_ours(const struct policy *policy, uint32_t nr)
{
	const char *name = arch_syscall_name(policy->arch, nr);

	if (!name)
		return true; /* ENOSYS there, the default here */
	if (is_guarded(name))
		return true;
	return seccomp_syscall_resolve_name_arch(token_of(policy->arch), name) <
	       0;
}

static size_t compare(const struct policy *policy, const struct filter *filter,
		      const struct exported *theirs)
{
	size_t compared = 0;

	for (size_t i = 0; i < policy->arch->syscall_count; i++) {
		struct bpf_data call = {
			.nr = policy->arch->syscalls[i].nr,
			.arch = policy->arch->audit,
		};

		if (is_ours(policy, call.nr))
			continue;
		uint32_t ours = verdict(filter->insns, filter->insn_count,
					&call);
		uint32_t want = verdict(theirs->insns, theirs->count, &call);

		if (ours != want)
			fail_msg("%s %s: 0x%x, libseccomp 0x%x",
				 policy->arch->name,
				 policy->arch->syscalls[i].name, ours, want);
		compared++;
	}
	return compared;
}

static void sets_of_calls_get_libseccomps_verdicts(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		const struct arch *arch = arch_all[round % 4];
		scmp_filter_ctx context = context_for(arch);
		struct compile_options exec = { .allow_exec = true };
		struct exported theirs;
		struct policy policy;
		struct filter filter;
		struct err err = { 0 };
		auto_buf struct buf blob = { 0 };

		policy_init(&policy, arch);
		pick(&policy, context, &seed);
		export(&theirs, context);
		seccomp_release(context);
		if (compile_filter(&blob, &policy, &exec, &err) < 0 ||
		    filter_parse(&filter, blob.at, blob.len, &err) < 0)
			fail_msg("%s", err.text);
		assert_true(compare(&policy, &filter, &theirs) > 250);
	}
}

/* The search over ranges is a fraction of what a tree of numbers takes. */
static void filters_are_shorter_than_libseccomps(void **state)
{
	struct compile_options exec = { .allow_exec = true };
	scmp_filter_ctx context = context_for(&arch_x86_64);
	struct exported theirs;
	struct policy policy;
	struct filter filter;
	struct err err = { 0 };
	auto_buf struct buf blob = { 0 };

	(void)state;
	policy_init(&policy, &arch_x86_64);
	assert_int_equal(policy_add(&policy, SLICE("@default"), &err), 0);
	for (uint32_t nr = 0; nr < POLICY_NR_MAX; nr++) {
		const char *name = arch_syscall_name(&arch_x86_64, nr);

		if (name && policy_allows(&policy, nr))
			seccomp_rule_add(context, SCMP_ACT_ALLOW,
					 seccomp_syscall_resolve_name(name), 0);
	}
	seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	export(&theirs, context);
	seccomp_release(context);
	assert_int_equal(compile_filter(&blob, &policy, &exec, &err), 0);
	assert_int_equal(filter_parse(&filter, blob.at, blob.len, &err), 0);
	print_message("@default: %u instructions, libseccomp's tree %zu\n",
		      filter.insn_count, theirs.count);
	assert_true(filter.insn_count * 2 < theirs.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_of_calls_get_libseccomps_verdicts),
		cmocka_unit_test(filters_are_shorter_than_libseccomps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
