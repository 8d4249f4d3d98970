/* pith profile trace: what a run of a program really calls, as a policy. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "seccomp/tally.h"
#include "tool/args.h"
#include "tool/output.h"
#include "tool/policy_file.h"
#include "tool/profile.h"
#include "tool/rootless.h"
#include "tool/tool.h"
#include "tool/trace_image.h"
#include "tool/trace_program.h"

struct request {
	const char *output;  /* NULL: standard output */
	const char *merge;   /* a policy to add to, or NULL */
	const char *image;   /* an archive, or NULL */
	const char *runtime; /* the image's, or NULL: the first there is */
	char **argv; /* the program and its arguments; image: those alone */
};

struct traced {
	struct tally tally;
	struct policy before; /* merge's */
	struct policy after;
	struct trace_image image;
	int code; /* the program's */
};

const struct args_option profile_trace_options[] = {
	{ "output", 'o', "POLICY", "where to write what was called" },
	{ "merge", 'm', "POLICY", "add it to this one" },
	{ "image", 'i', "IMAGE.tar", "start an image instead of a program" },
	{ "runtime", 'r', "PROGRAM", "default: runc, or else crun" },
	{ NULL, 0, NULL, NULL },
};

static const char **option_of(struct request *request, int option)
{
	switch (option) {
	case 'o':
		return &request->output;
	case 'm':
		return &request->merge;
	case 'i':
		return &request->image;
	default:
		return &request->runtime;
	}
}

static int read_request(struct request *request, int argc, char **argv,
			struct err *err)
{
	/* "+": what follows the program's name is the program's. */
	const struct args args = { "profile trace", argc, argv,
				   "+:o:", profile_trace_options };
	int option, got;

	*request = (struct request){ 0 };
	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		*option_of(request, option) = optarg;
	if (got < 0)
		return got;
	if (request->runtime && !request->image)
		return args_usage(err, "profile trace", "--runtime",
				  "only with --image");
	if (optind == argc && !request->image)
		return args_usage(err, "profile trace", "PROGRAM", "missing");
	request->argv = argv + optind;
	return 0;
}

static int read_merge(struct traced *traced, const struct request *request,
		      struct err *err)
{
	policy_init(&traced->before, arch_host());
	if (request->merge &&
	    policy_file_read(&traced->before, request->merge, err) < 0) {
		policy_free(&traced->before);
		return -1;
	}
	policy_copy(&traced->after, &traced->before);
	return 0;
}

/* A newline would end the comment. */
static void print_word(struct buf *out, const char *word)
{
	buf_text(out, " ");
	for (; *word; word++)
		buf_add(out, *word < ' ' || *word > '~' ? "?" : word, 1);
}

static void print_command(struct buf *out, const struct request *request)
{
	buf_text(out, "# pith profile trace");
	if (request->image) {
		buf_text(out, " --image");
		print_word(out, request->image);
	}
	if (*request->argv)
		buf_text(out, " --");
	for (char **word = request->argv; *word; word++)
		print_word(out, *word);
	buf_text(out, "\n# What one run called; another may call more.\n");
}

static void print_policy(struct buf *out, const struct request *request,
			 const struct traced *traced)
{
	print_command(out, request);
	tally_print(out, &traced->tally);
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

	traced->code = request->image ? trace_image_follow(&traced->tally,
							   &traced->image, err)
				      : trace_program(&traced->tally,
						      request->argv, err);
	if (traced->code < 0 ||
	    tally_allow(&traced->after, &traced->tally, err) < 0)
		return -1;
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

/* What is told to the process that unpacks the image, and does all the rest. */
struct job {
	struct traced *traced;
	const struct request *request;
};

static int work(void *arg, struct err *err)
{
	const struct job *job = arg;

	if (trace(job->traced, job->request, err) < 0)
		return -1;
	if (fflush(stdout) != 0)
		return err_set(err, errno, "write standard output");
	return job->traced->code;
}

static int trace_in_image(struct traced *traced, const struct request *request,
			  struct err *err)
{
	struct job job = { traced, request };
	size_t count = 0;

	while (request->argv[count])
		count++;
	traced->image = (struct trace_image){
		.path = request->image,
		.chosen = request->runtime,
		.args = request->argv,
		.arg_count = count,
		.is_rootless = rootless_is_inside(),
		.work = work,
		.arg = &job,
	};
	return trace_image_run(&traced->image, err);
}

/* The program's exit code, or -1. */
static int trace_any(struct traced *traced, const struct request *request,
		     struct err *err)
{
	int result;

	if (tally_init(&traced->tally, arch_host(), err) < 0)
		return -1;
	if (request->merge)
		traced->tally.before = &traced->before;
	if (request->image) {
		result = trace_in_image(traced, request, err);
	} else {
		result = trace(traced, request, err);
		result = result < 0 ? -1 : traced->code;
	}
	tally_free(&traced->tally);
	return result < 0 ? err_wrap(err, "profile trace") : result;
}

int profile_trace(int argc, char **argv, struct err *err)
{
	struct request request;
	struct traced traced;
	int status = read_request(&request, argc, argv, err);

	if (status < 0)
		return status;
	if (request.image && geteuid() != 0) {
		/* With the word in front: it is pith that starts again. */
		rootless_enter(argc + 1, argv - 1, err);
		return err_wrap(err, "profile trace");
	}
	if (output_check(request.output, NULL, err) < 0 ||
	    read_merge(&traced, &request, err) < 0)
		return -1;
	status = trace_any(&traced, &request, err);
	policy_free(&traced.before);
	policy_free(&traced.after);
	return status;
}
