/*
 * The compiler against libseccomp: the same rules built with both, both
 * programs run on the same calls. judge_test.c has the part of this that
 * users have, too: here the sets and conditions are drawn.
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
#include "arch/argument.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "seccomp/policy_edit.h"
#include "tests/unit/libseccomp.h"

enum { ROUNDS = 25 };

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
		int theirs = seccomp_syscall_resolve_name_arch(judge_arch(arch),
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
	return seccomp_syscall_resolve_name_arch(judge_arch(policy->arch),
						 name) < 0;
}

static size_t compare(const struct policy *policy,
		      const struct judge_program *ours,
		      const struct judge_program *theirs)
{
	size_t compared = 0;

	for (size_t i = 0; i < policy->arch->syscall_count; i++) {
		struct bpf_data call = {
			.nr = policy->arch->syscalls[i].nr,
			.arch = policy->arch->audit,
		};

		if (is_ours(policy, call.nr))
			continue;
		if (program_verdict(ours, &call) !=
		    program_verdict(theirs, &call))
			fail_msg("%s %s", policy->arch->name,
				 policy->arch->syscalls[i].name);
		compared++;
	}
	return compared;
}

static void make_ours(struct judge_program *out, const struct policy *policy,
		      const struct compile_options *options)
{
	struct filter filter;
	struct err err = { 0 };
	auto_buf struct buf blob = { 0 };

	if (compile_filter(&blob, policy, options, &err) < 0 ||
	    filter_parse(&filter, blob.at, blob.len, &err) < 0)
		fail_msg("%s", err.text);
	memcpy(out->insns, filter.insns,
	       filter.insn_count * sizeof(*filter.insns));
	out->count = filter.insn_count;
}

static void sets_of_calls_get_libseccomps_verdicts(void **state)
{
	static struct judge_program ours, theirs;
	struct compile_options exec = { .allow_exec = true };
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		const struct arch *arch = arch_all[round % 4];
		scmp_filter_ctx context = libseccomp_context(
			arch, SCMP_ACT_ERRNO(EPERM));
		struct policy policy;

		policy_init(&policy, arch);
		pick(&policy, context, &seed);
		libseccomp_export(&theirs, context);
		seccomp_release(context);
		make_ours(&ours, &policy, &exec);
		assert_true(compare(&policy, &ours, &theirs) > 250);
	}
}

/* Calls with arguments of 16, 32 and 64 bits, none of them guarded. */
static const char *const tested[] = {
	"chmod",  "close_range", "dup3",    "fchmod",	  "getsockopt",
	"kill",	  "lseek",	 "madvise", "mmap",	  "mprotect",
	"openat", "read",	 "socket",  "socketpair", "tgkill",
};

enum { TESTED = sizeof(tested) / sizeof(tested[0]), CONDITION_ROUNDS = 120 };

/* A rule of one to three comparisons, for both. */
struct made {
	const char *call;
	unsigned int count;
	struct scmp_arg_cmp compares[3];
};

static uint64_t make_value(uint32_t *seed, uint64_t mask)
{
	static const uint64_t values[] = {
		0,	     1,		  2,
		3,	     6,		  7,
		0x40,	     0x41,	  0x7fffffff,
		0x80000000,  0xffffffff,  0x100000000,
		0x100000001, 0x700000007, 0xffffffff00000000
	};

	return values[next_number(seed) %
		      (sizeof(values) / sizeof(values[0]))] &
	       mask;
}

static struct scmp_arg_cmp make_compare(uint32_t *seed, unsigned int arg,
					uint64_t mask)
{
	static const enum scmp_compare ops[] = { SCMP_CMP_EQ, SCMP_CMP_NE,
						 SCMP_CMP_LT, SCMP_CMP_GE,
						 SCMP_CMP_MASKED_EQ };
	enum scmp_compare op = ops[next_number(seed) % 5];
	uint64_t value = make_value(seed, mask);
	uint64_t bits = (make_value(seed, mask) | 1) & mask;

	/* 0 is no bound, and a mask of all bits no mask. */
	if ((op == SCMP_CMP_LT || op == SCMP_CMP_GE) && !value)
		value = 1;
	if (op == SCMP_CMP_MASKED_EQ)
		return SCMP_CMP64(arg, op, bits, value & bits);
	return SCMP_CMP64(arg, op, value);
}

static struct made make_rule(uint32_t *seed, const struct arch *arch)
{
	struct made made = { .call = tested[next_number(seed) % TESTED] };
	unsigned int arg = next_number(seed) % 2;
	unsigned int want = 1 + next_number(seed) % 2;

	for (; made.count < want && arg < 3; arg += 1) {
		struct argument argument = argument_at(
			arch, slice_from(made.call), arg);

		made.compares[made.count++] = make_compare(
			seed, arg, argument_mask(&argument));
	}
	return made;
}

static void print_compare(struct buf *out, const struct scmp_arg_cmp *c)
{
	unsigned long long a = c->datum_a, b = c->datum_b;

	switch (c->op) {
	case SCMP_CMP_EQ:
		buf_fmt(out, "arg%u == 0x%llx", c->arg, a);
		break;
	case SCMP_CMP_NE:
		buf_fmt(out, "arg%u != 0x%llx", c->arg, a);
		break;
	case SCMP_CMP_LT:
		buf_fmt(out, "arg%u < 0x%llx", c->arg, a);
		break;
	case SCMP_CMP_GE:
		buf_fmt(out, "arg%u >= 0x%llx", c->arg, a);
		break;
	default:
		buf_fmt(out, "arg%u & 0x%llx == 0x%llx", c->arg, a, b);
		break;
	}
}

static void print_made(struct buf *out, const struct made *made)
{
	buf_fmt(out, "%s: ", made->call);
	for (unsigned int i = 0; i < made->count; i++) {
		buf_text(out, i ? " and " : "");
		print_compare(out, &made->compares[i]);
	}
	buf_text(out, "\n");
}

/* What both programs are run on: values, and those with bits above. */
static void compare_arguments(const struct judge_program *ours,
			      const struct judge_program *theirs,
			      const struct arch *arch, const char *name,
			      const char *text)
{
	static const uint64_t values[] = { 0,
					   1,
					   2,
					   3,
					   4,
					   6,
					   7,
					   8,
					   0x3f,
					   0x40,
					   0x41,
					   0x42,
					   0x7ffffffe,
					   0x7fffffff,
					   0x80000000,
					   0xfffffffe,
					   0xffffffff,
					   0x100000000,
					   0x100000001,
					   0x100000002,
					   0x700000006,
					   0x700000007,
					   0x8000000000000000,
					   0xfffffffeffffffff,
					   0xffffffff00000000,
					   UINT64_MAX };
	enum { VALUES = sizeof(values) / sizeof(values[0]) };

	for (size_t i = 0; i < VALUES * VALUES * VALUES; i++) {
		struct bpf_data call = {
			.nr = (uint32_t)arch_syscall_nr(arch, slice_from(name)),
			.arch = arch->audit,
			.args = { values[i % VALUES],
				  values[i / VALUES % VALUES],
				  values[i / VALUES / VALUES] },
		};
		struct bpf_data as_taken = call;

		for (unsigned int a = 0; a < 3; a++) {
			struct argument argument = argument_at(
				arch, slice_from(name), a);

			as_taken.args[a] &= argument_mask(&argument);
		}
		if (program_verdict(ours, &call) !=
		    program_verdict(theirs, &as_taken))
			fail_msg("%s: %s(0x%llx, 0x%llx, 0x%llx)\n%s",
				 arch->name, name,
				 (unsigned long long)call.args[0],
				 (unsigned long long)call.args[1],
				 (unsigned long long)call.args[2], text);
	}
}

/* libseccomp looks at 64 bits: it is given what the kernel would take. */
static void conditions_get_libseccomps_verdicts(void **state)
{
	static struct judge_program ours, theirs;
	struct compile_options plain = { .is_plain = true };
	uint32_t seed = 7;
	size_t compared = 0;

	(void)state;
	for (int round = 0; round < CONDITION_ROUNDS; round++) {
		const struct arch *arch = arch_all[round % 4];
		struct made made = make_rule(&seed, arch);
		scmp_filter_ctx context = libseccomp_context(
			arch, SCMP_ACT_ERRNO(EPERM));
		auto_policy struct policy policy;
		auto_buf struct buf text = { 0 };
		struct err err = { 0 };

		if (arch_syscall_nr(arch, slice_from(made.call)) < 0) {
			seccomp_release(context);
			continue;
		}
		print_made(&text, &made);
		policy_init_bare(&policy, arch);
		if (policy_parse(&policy, buf_slice(&text), &err) < 0) {
			/* Never or always, which says nothing. */
			seccomp_release(context);
			continue;
		}
		assert_int_equal(
			seccomp_rule_add_array(
				context, SCMP_ACT_ALLOW,
				seccomp_syscall_resolve_name(made.call),
				made.count, made.compares),
			0);
		libseccomp_export(&theirs, context);
		seccomp_release(context);
		make_ours(&ours, &policy, &plain);
		compare_arguments(&ours, &theirs, arch, made.call, text.at);
		compared++;
	}
	print_message("%zu of %d conditions compared\n", compared,
		      CONDITION_ROUNDS);
	assert_true(compared > CONDITION_ROUNDS / 2);
}

/* The search over ranges is a fraction of what a tree of numbers takes. */
static void filters_are_shorter_than_libseccomps(void **state)
{
	struct compile_options exec = { .allow_exec = true };
	scmp_filter_ctx context = libseccomp_context(&arch_x86_64,
						     SCMP_ACT_ERRNO(EPERM));
	static struct judge_program ours, theirs;
	struct policy policy;
	struct err err = { 0 };

	(void)state;
	policy_init(&policy, &arch_x86_64);
	assert_int_equal(policy_add(&policy, SLICE("@system-service"), &err),
			 0);
	for (uint32_t nr = 0; nr < POLICY_NR_MAX; nr++) {
		const char *name = arch_syscall_name(&arch_x86_64, nr);

		if (name && policy_allows(&policy, nr))
			seccomp_rule_add(context, SCMP_ACT_ALLOW,
					 seccomp_syscall_resolve_name(name), 0);
	}
	seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	libseccomp_export(&theirs, context);
	seccomp_release(context);
	make_ours(&ours, &policy, &exec);
	print_message(
		"@system-service: %zu instructions, libseccomp's tree %zu\n",
		ours.count, theirs.count);
	assert_true(ours.count * 2 < theirs.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_of_calls_get_libseccomps_verdicts),
		cmocka_unit_test(conditions_get_libseccomps_verdicts),
		cmocka_unit_test(filters_are_shorter_than_libseccomps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
