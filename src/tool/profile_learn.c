/* pith profile learn: what a log of denials says that a policy lacks. */
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "seccomp/guards.h"
#include "seccomp/policy.h"
#include "seccomp/policy_text.h"
#include "tool/args.h"
#include "tool/lessons.h"
#include "tool/output.h"
#include "tool/patch.h"
#include "tool/policy_file.h"
#include "tool/profile.h"
#include "tool/tool.h"

enum { POLICY_FILE_MAX = 1 << 20 }; /* bytes */

struct request {
	const char *policy;
	const char *output;  /* NULL: nothing is written */
	const char *program; /* whose denials count; NULL: all */
};

const struct args_option profile_learn_options[] = {
	{ "output", 'o', "FILE", "where to write the new policy" },
	{ "program", 'p', "NAME", "only what this program was denied" },
	{ NULL, 0, NULL, NULL },
};

static int usage(struct err *err, const char *what, const char *why)
{
	return args_usage(err, "profile learn", what, why);
}

static int read_request(struct request *request, int argc, char **argv,
			struct err *err)
{
	const struct args args = { "profile learn", argc, argv,
				   ":o:", profile_learn_options };
	int option, got;

	*request = (struct request){ 0 };
	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		*(option == 'o' ? &request->output
				: &request->program) = optarg;
	if (got < 0)
		return got;
	if (optind == argc)
		return usage(err, "POLICY", "missing");
	if (optind + 1 < argc)
		return usage(err, argv[optind + 1], "one POLICY at a time");
	if (strcmp(argv[optind], "-") == 0)
		return usage(err, "-", "standard input is the log");
	request->policy = argv[optind];
	return 0;
}

enum verdict {
	LACKS,	/* the policy has to name it */
	ALLOWS, /* it does already, at least with some arguments */
	NEVER,	/* naming it changes nothing */
};

/* This machine's, or one that has the call. */
static const struct arch *arch_of(uint32_t *nr, const char *call)
{
	const struct arch *arch = arch_host();
	int found = arch_syscall_nr(arch, slice_from(call));

	for (size_t i = 0; found < 0; i++) {
		arch = arch_all[i];
		found = arch_syscall_nr(arch, slice_from(call));
	}
	*nr = (uint32_t)found;
	return arch;
}

static int judge(enum verdict *out, const char *path, const char *call,
		 struct err *err)
{
	auto_policy struct policy policy = { 0 }, guards = { 0 };
	uint32_t nr;

	policy_init(&policy, arch_of(&nr, call));
	if (policy_file_read(&policy, path, err) < 0 ||
	    guards_make(&guards, &policy, NULL, err) < 0)
		return -1;
	*out = LACKS;
	if (policy_fallback(&guards, nr) != SECCOMP_RET_ALLOW)
		*out = NEVER;
	else if (policy_allows(&policy, nr))
		*out = ALLOWS;
	return 0;
}

/* One comment a call: how often, by whom first, and what there is to know. */
static void explain(struct buf *out, const struct lesson *lesson,
		    enum verdict verdict)
{
	static const char *const whys[] = {
		[LACKS] = "",
		[ALLOWS] = "; allowed already: refused for its arguments, or "
			   "by another filter",
		[NEVER] = "; refused by every filter, whatever the policy says",
	};
	bool is_exec = strcmp(lesson->call, "execve") == 0 ||
		       strcmp(lesson->call, "execveat") == 0;

	buf_fmt(out, "# %s: denied %llux", lesson->call,
		(unsigned long long)lesson->count);
	if (lesson->denial.program[0])
		buf_fmt(out, ", first by %s", lesson->denial.program);
	if (lesson->denial.error[0])
		buf_fmt(out, ", %s", lesson->denial.error);
	buf_fmt(out, "%s%s\n", whys[verdict],
		verdict == LACKS && is_exec ? "; needs AllowExec=yes" : "");
}

struct change {
	const char *policy; /* its path */
	struct slice text;  /* of the policy, as it is */
	struct patch_line *lines;
	size_t count;
};

static int by_place(const void *a, const void *b)
{
	const struct patch_line *x = a, *y = b;

	if (x->behind != y->behind)
		return x->behind < y->behind ? -1 : 1;
	return strcmp(x->text, y->text);
}

static int make_change(struct buf *out, struct change *change,
		       const struct lessons *lessons, struct err *err)
{
	for (size_t i = 0; i < lessons->count; i++) {
		const struct lesson *lesson = &lessons->at[i];
		enum verdict verdict;

		if (judge(&verdict, change->policy, lesson->call, err) < 0)
			return -1;
		explain(out, lesson, verdict);
		if (verdict == LACKS)
			change->lines[change->count++] = (struct patch_line){
				lessons_place(change->text, lesson->call),
				lesson->call,
			};
	}
	qsort(change->lines, change->count, sizeof(*change->lines), by_place);
	if (lessons->suppressed)
		buf_fmt(out, "# %llu more were suppressed: not known\n",
			(unsigned long long)lessons->suppressed);
	if (!change->count)
		buf_text(out, "# nothing to add\n");
	return 0;
}

/* What the policy refuses by name it goes on to refuse. */
static int check_change(const struct change *change, struct slice text,
			struct err *err)
{
	struct policy_include include = policy_file_include(change->policy);

	for (size_t i = 0; i < change->count; i++) {
		auto_policy struct policy policy = { 0 };
		const char *call = change->lines[i].text;
		uint32_t nr;

		policy_init(&policy, arch_of(&nr, call));
		if (policy_read(&policy, text, &include, err) < 0)
			return err_wrap(err, "with %s added", call);
		if (!policy_allows(&policy, nr))
			return err_set(err, 0,
				       "%s: refused by name; change that by "
				       "hand",
				       call);
	}
	return 0;
}

static int learn(const struct request *request, struct slice text,
		 const struct lessons *lessons, struct err *err)
{
	auto_free struct patch_line *lines = mem_new(lessons->count + 1,
						     sizeof(*lines));
	struct change change = { request->policy, text, lines, 0 };
	auto_buf struct buf out = { 0 }, changed = { 0 };

	if (make_change(&out, &change, lessons, err) < 0)
		return -1;
	patch_apply(&changed, text, lines, change.count);
	if (check_change(&change, buf_slice(&changed), err) < 0)
		return err_wrap(err, "%s", request->policy);
	if (change.count)
		patch_print(&out, request->policy, text, lines, change.count);
	if (request->output &&
	    output_write(request->output, buf_slice(&changed), err) < 0)
		return -1;
	return output_write(NULL, buf_slice(&out), err);
}

int profile_learn(int argc, char **argv, struct err *err)
{
	auto_free char *text = NULL;
	struct request request;
	struct lessons lessons;
	size_t len;
	int status = read_request(&request, argc, argv, err);

	if (status < 0)
		return status;
	if (output_check(request.output, NULL, err) < 0 ||
	    io_load(&text, &len, request.policy, POLICY_FILE_MAX, err) < 0)
		return -1;
	status = lessons_read(&lessons, stdin, request.program, err);
	if (status < 0)
		err_wrap(err, "standard input");
	else
		status = learn(&request, (struct slice){ text, len }, &lessons,
			       err);
	lessons_free(&lessons);
	return status;
}
