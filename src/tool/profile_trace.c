/* pith profile trace: what a run of a program really calls, as a policy. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "seccomp/tally.h"
#include "tool/args.h"
#include "tool/policy_file.h"
#include "tool/profile.h"
#include "tool/tool.h"
#include "tool/trace_program.h"

struct request {
	const char *output; /* NULL: standard output */
	const char *merge;  /* a policy to add to, or NULL */
	char **argv;	    /* the program and its arguments */
};

struct traced {
	struct tally tally;
	struct policy before; /* merge's */
	struct policy after;
	int code; /* the program's */
};

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "merge", required_argument, NULL, 'm' },
	{ NULL, 0, NULL, 0 },
};

static int read_request(struct request *request, int argc, char **argv,
			struct err *err)
{
	/* "+": what follows the program's name is the program's. */
	const struct args args = { "profile trace", argc, argv,
				   "+:o:m:", options };
	int option, got;

	*request = (struct request){ 0 };
	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		*(option == 'o' ? &request->output : &request->merge) = optarg;
	if (got < 0)
		return got;
	if (optind == argc)
		return args_usage(err, "profile trace", "PROGRAM", "missing");
	request->argv = argv + optind;
	return 0;
}

/* The policy to add to, and a copy that is added to. */
static int read_merge(struct traced *traced, const struct request *request,
		      struct err *err)
{
	policy_init(&traced->before, arch_host());
	if (request->merge &&
	    policy_file_read(&traced->before, request->merge, err) < 0)
		return -1;
	policy_copy(&traced->after, &traced->before);
	return 0;
}

/* Of what the program was called; a newline would end the comment. */
static void print_command(struct buf *out, char **argv)
{
	buf_text(out, "# pith profile trace --");
	for (; *argv; argv++) {
		buf_text(out, " ");
		for (const char *at = *argv; *at; at++)
			buf_add(out, *at < ' ' || *at > '~' ? "?" : at, 1);
	}
	buf_text(out, "\n# What one run called; another may call more.\n");
}

static void print_policy(struct buf *out, const struct request *request,
			 const struct traced *traced)
{
	print_command(out, request->argv);
	tally_print(out, &traced->tally,
		    request->merge ? &traced->before : NULL);
	buf_text(out, "\n");
	policy_print(out, &traced->after);
}

static void report(const struct request *request, const struct traced *traced)
{
	const struct policy *before = &traced->before;
	const struct policy *after = &traced->after;

	printf("%s  %zu calls", request->output, policy_count(after));
	if (request->merge)
		printf("  %zu new", policy_count(after) - policy_count(before));
	printf("  tasks %llu  programs %llu\n",
	       (unsigned long long)traced->tally.tasks,
	       (unsigned long long)traced->tally.programs);
	for (uint32_t nr = 0; request->merge && nr < POLICY_NR_MAX; nr++)
		if (policy_allows(after, nr) && !policy_allows(before, nr))
			printf("+%s\n", arch_syscall_name(after->arch, nr));
}

/* All that can go wrong with the output does so before the program starts. */
static int trace_to(struct io_output *out, struct traced *traced,
		    const struct request *request, struct err *err)
{
	auto_buf struct buf text = { 0 };

	traced->code = trace_program(&traced->tally, request->argv, err);
	if (traced->code < 0 ||
	    tally_allow(&traced->after, &traced->tally, err) < 0)
		return err_wrap(err, "profile trace");
	print_policy(&text, request, traced);
	if (io_write(out ? out->fd : STDOUT_FILENO, text.at, text.len) < 0)
		return err_set(err, errno, "write %s",
			       out ? request->output : "standard output");
	return 0;
}

static int trace(struct traced *traced, const struct request *request,
		 struct err *err)
{
	struct io_output out;

	if (!request->output)
		return trace_to(NULL, traced, request, err);
	if (io_create(&out, request->output, err) < 0)
		return -1;
	if (trace_to(&out, traced, request, err) < 0) {
		io_discard(&out);
		return -1;
	}
	if (io_commit(&out, err) < 0)
		return -1;
	report(request, traced);
	return 0;
}

int profile_trace(int argc, char **argv, struct err *err)
{
	struct request request;
	static struct traced traced; /* zero, and larger than a stack likes */
	int status = read_request(&request, argc, argv, err);

	if (status < 0)
		return status;
	if (read_merge(&traced, &request, err) < 0)
		return -1;
	status = tally_init(&traced.tally, arch_host(), err);
	if (status == 0)
		status = trace(&traced, &request, err);
	tally_free(&traced.tally);
	policy_free(&traced.before);
	policy_free(&traced.after);
	return status < 0 ? -1 : traced.code;
}
