/* The comparison of judge.h: which calls are tried on both filters. */
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/argument.h"
#include "base/err.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "seccomp/judge.h"
#include "seccomp/judge_rules.h"
#include "seccomp/judge_values.h"
#include "seccomp/policy.h"

enum {
	BEYOND = 64, /* numbers behind the table that are tried */
	/* All values of all arguments, up to here; then fewer of them. */
	TRIES_MAX = 20000,
};

/* What is compared with what, and how far it is. */
struct judging {
	struct judge_tally *tally;
	const struct filter *filter;
	const struct policy *whole;
	const struct judge_program
		*lists;			 /* what holds whatever arguments are */
	const struct judge_rules *rules; /* of the call at hand */
	const char *name;		 /* of that call */
};

static int ours(uint32_t *action, const struct judging *judging,
		const struct bpf_data *call, struct err *err)
{
	struct bpf_result got;

	if (bpf_run(&got, judging->filter->insns, judging->filter->insn_count,
		    call, err) < 0)
		return -1;
	judging->tally->verdicts++;
	*action = got.action;
	return 0;
}

static int differ(const struct judging *judging, const struct bpf_data *call,
		  uint32_t got, uint32_t want, struct err *err)
{
	auto_buf struct buf text = { 0 };

	buf_fmt(&text, "%s(", judging->name ? judging->name : "a number");
	for (int i = 0; i < 6; i++)
		buf_fmt(&text, "%s0x%llx", i ? ", " : "",
			(unsigned long long)call->args[i]);
	buf_fmt(&text, "), number 0x%x: the filter says ", call->nr);
	bpf_print_action(&text, got);
	buf_text(&text, ", libseccomp ");
	bpf_print_action(&text, want);
	return err_set(err, 0, "%s", text.at);
}

static int check(const struct judging *judging, const struct bpf_data *call,
		 uint32_t want, struct err *err)
{
	uint32_t got;

	if (ours(&got, judging, call, err) < 0)
		return -1;
	return got == want ? 0 : differ(judging, call, got, want, err);
}

/* What the kernel would take of the arguments. */
static struct bpf_data as_taken(const struct judging *judging,
				const struct bpf_data *call)
{
	struct bpf_data taken = *call;

	for (unsigned int i = 0; i < 6; i++) {
		struct argument argument = argument_at(
			judging->whole->arch, slice_from(judging->name), i);

		taken.args[i] &= argument_mask(&argument);
	}
	return taken;
}

static int compare(const struct judging *judging, const struct bpf_data *call,
		   struct err *err)
{
	struct bpf_data taken = as_taken(judging, call);
	uint32_t want;

	if (judge_verdict(&want, judging->lists, &taken, err) < 0 ||
	    judge_rules_verdict(&want, judging->rules, &taken, err) < 0)
		return -1;
	return check(judging, call, want, err);
}

/* Every value of every argument that is looked at, with all of the others. */
static int compare_all(const struct judging *judging, uint32_t nr,
		       const struct judge_values values[6], struct err *err)
{
	struct bpf_data call = { .nr = nr,
				 .arch = judging->whole->arch->audit };
	size_t count = judge_values_tries(values);

	for (size_t i = 0; i < count; i++) {
		size_t rest = i;

		for (int a = 0; a < 6; a++) {
			call.args[a] = values[a].at[rest % values[a].count];
			rest /= values[a].count;
		}
		if (compare(judging, &call, err) < 0)
			return -1;
	}
	return 0;
}

/* One argument runs through its values while the others stand at a few. */
static int compare_each(const struct judging *judging, uint32_t nr,
			const struct judge_values values[6], struct err *err)
{
	for (int a = 0; a < 6; a++) {
		struct judge_values few[6];
		size_t most = 4096;

		memcpy(few, values, sizeof(few));
		while (most > 1 && judge_values_tries(few) > TRIES_MAX) {
			most /= 2;
			for (int i = 0; i < 6; i++)
				if (i != a && few[i].count > most)
					few[i].count = most;
		}
		if (compare_all(judging, nr, few, err) < 0)
			return -1;
	}
	return 0;
}

static int compare_arguments(const struct judging *judging, uint32_t nr,
			     struct err *err)
{
	struct judge_values values[6] = { 0 };

	int got = judge_values_find(values, judging->filter, judging->whole, nr,
				    err);

	if (got == 0)
		got = judge_values_tries(values) <= TRIES_MAX
			      ? compare_all(judging, nr, values, err)
			      : compare_each(judging, nr, values, err);

	judge_values_free(values);
	return got;
}

static void note(struct buf *out, const char *name)
{
	buf_text(out, out->len ? " " : "");
	buf_text(out, name);
}

static int judge_call(struct judging *judging, uint32_t nr, struct err *err)
{
	struct judge_rules rules;
	enum judge_made made = judge_rules_make(&rules, judging->whole, nr,
						err);
	int got = made == JUDGE_FAILED ? -1 : 0;

	judging->rules = &rules;
	if (made == JUDGE_BEYOND) {
		note(&judging->tally->beyond, judging->name);
	} else if (made == JUDGE_MADE) {
		judging->tally->calls++;
		got = compare_arguments(judging, nr, err);
	}
	judge_rules_free(&rules);
	judging->rules = NULL;
	return got;
}

/* The gate is no rule; and without it execve is allowed, whatever a rule says. */
static bool is_gates(const struct judging *judging, const char *name)
{
	if (strcmp(name, "execveat") == 0)
		return judging->filter->flags & FILTER_GATE;
	return strcmp(name, "execve") == 0;
}

static int judge_table(struct judging *judging, struct err *err)
{
	const struct arch *arch = judging->whole->arch;

	for (size_t i = 0; i < arch->syscall_count; i++) {
		judging->name = arch->syscalls[i].name;
		if (!judge_knows(arch, judging->name))
			note(&judging->tally->unknown, judging->name);
		else if (!is_gates(judging, judging->name) &&
			 judge_call(judging, arch->syscalls[i].nr, err) < 0)
			return -1;
	}
	judging->name = NULL;
	return 0;
}

/* Numbers without a call: libseccomp answers as for any unlisted one. */
static int judge_numbers(const struct judging *judging, struct err *err)
{
	const struct arch *arch = judging->whole->arch;
	uint32_t last = arch_syscall_max(arch) + BEYOND;

	for (uint32_t nr = 0; nr <= last; nr++) {
		struct bpf_data call = { .nr = nr, .arch = arch->audit };

		if (!arch_syscall_name(arch, nr) &&
		    check(judging, &call, SECCOMP_RET_ERRNO | ENOSYS, err) < 0)
			return -1;
	}
	return 0;
}

/* Other machines, and x32's numbers, kill in both. */
static int judge_foreign(const struct judging *judging, struct err *err)
{
	for (size_t i = 0; arch_all[i]; i++) {
		bool is_own = arch_all[i] == judging->whole->arch;
		struct bpf_data call = { .nr = is_own ? 0x40000000 : 0,
					 .arch = arch_all[i]->audit };
		uint32_t want;

		if (is_own && arch_all[i] != &arch_x86_64)
			continue;
		if (judge_verdict(&want, judging->lists, &call, err) < 0 ||
		    check(judging, &call, want, err) < 0)
			return -1;
	}
	return 0;
}

/* What each call gets whatever its arguments are. */
static int make_lists(struct judge_program *out, const struct policy *whole,
		      void *context, struct err *err)
{
	const struct arch *arch = whole->arch;

	for (size_t i = 0; i < arch->syscall_count; i++) {
		const char *name = arch->syscalls[i].name;
		uint32_t action = policy_fallback(whole, arch->syscalls[i].nr);

		if (!judge_knows(arch, name) || action == whole->otherwise)
			continue;
		int got = seccomp_rule_add(
			context, action, seccomp_syscall_resolve_name(name), 0);

		if (got < 0 && got != -EEXIST)
			return err_set(err, -got, "libseccomp: a rule of %s",
				       name);
	}
	return judge_export(out, context, err);
}

int judge_filter(struct judge_tally *tally, const struct filter *filter,
		 const struct policy *whole, struct err *err)
{
	auto_free struct judge_program *lists = mem_new(1, sizeof(*lists));
	void *context = judge_context(whole->arch, whole->otherwise, err);
	struct judging judging = {
		.tally = tally, .filter = filter, .whole = whole, .lists = lists
	};

	if (!context)
		return -1;
	int got = make_lists(lists, whole, context, err);

	seccomp_release(context);
	if (got < 0 || judge_table(&judging, err) < 0 ||
	    judge_numbers(&judging, err) < 0)
		return -1;
	return judge_foreign(&judging, err);
}
