/* pith profile check: whether a policy compiles, on every machine. */
#include <limits.h>
#include <stdio.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/filter.h"
#include "data/passed.h"
#include "seccomp/compile.h"
#include "seccomp/judge.h"
#include "seccomp/policy.h"
#include "tool/args.h"
#include "tool/profile.h"
#include "tool/profile_args.h"

/* With the gate, unless the machine or the policy rules it out. */
static bool may_exec(const struct policy *policy)
{
	const struct arch *arch = policy->arch;
	int execve = arch_syscall_nr(arch, SLICE("execve"));
	int execveat = arch_syscall_nr(arch, SLICE("execveat"));

	return !arch->exec_clears_registers ||
	       policy_allows(policy, (uint32_t)execve) ||
	       policy_allows(policy, (uint32_t)execveat);
}

static void print_names(const char *what, const struct buf *names)
{
	if (names->len)
		printf("; %s: %s", what, names->at);
}

/* The second opinion: libseccomp's, on the same rules. */
static int judge(const struct filter *filter, const struct policy *policy,
		 const struct compile_options *options, struct err *err)
{
	__attribute__((
		cleanup(judge_tally_free))) struct judge_tally tally = { 0 };
	auto_policy struct policy whole = { 0 };
	auto_buf struct buf version = { 0 };

	judge_version(&version);
	if (compile_whole(&whole, policy, options, err) < 0 ||
	    judge_filter(&tally, filter, &whole, err) < 0)
		return -1;
	printf("  libseccomp %s agrees: %zu calls, %zu verdicts", version.at,
	       tally.calls, tally.verdicts);
	print_names("cannot say", &tally.beyond);
	print_names("does not know", &tally.unknown);
	printf("\n");
	return 0;
}

static int check(const char *file, const struct policy *policy, bool is_judged,
		 struct err *err)
{
	struct compile_options options = { .allow_exec = may_exec(policy) };
	auto_buf struct buf blob = { 0 };
	struct filter filter;
	struct passed calls;
	size_t conditional = 0;

	if (compile_filter(&blob, policy, &options, err) < 0 ||
	    filter_parse(&filter, blob.at, blob.len, err) < 0 ||
	    passed_of(&calls, &filter, policy->arch, err) < 0)
		return -1;
	for (size_t i = 0; i < calls.count; i++)
		conditional += calls.has_conditions[i];
	printf("%s  %s  %zu calls, %zu by argument  %u instructions  %s\n",
	       file, policy->arch->name, calls.count, conditional,
	       filter.insn_count,
	       options.allow_exec ? "may exec" : "starts once");
	return is_judged ? judge(&filter, policy, &options, err) : 0;
}

static int check_file(struct profile_args *args, const char *file,
		      struct err *err)
{
	for (size_t i = 0; arch_all[i]; i++) {
		struct profile_args one = *args;
		auto_policy struct policy policy = { 0 };

		if (args->arch && args->arch != arch_all[i])
			continue;
		one.arch = arch_all[i];
		if (profile_args_policy(&policy, &one, file, err) < 0)
			return -1;
		if (check(file, &policy, args->is_judged, err) < 0)
			return err_wrap(err, "%s: %s", file, one.arch->name);
	}
	return 0;
}

const struct args_option profile_check_options[] = {
	{ "arch", 'a', "ARCH", "default: every machine" },
	{ "judge", 'j', NULL, "ask libseccomp for its verdicts, too" },
	{ NULL, 0, NULL, NULL },
};

int profile_check(int argc, char **argv, struct err *err)
{
	struct profile_args args = { .verb = "profile check",
				     .least = 1,
				     .most = INT_MAX };
	int status = profile_args_read(&args, profile_check_options, argc, argv,
				       err);

	for (int i = 0; status >= 0 && i < args.count; i++)
		status = check_file(&args, args.files[i], err);
	return status;
}
