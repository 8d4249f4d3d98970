/* pith profile derive: the system calls that a program can make. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/io.h"
#include "seccomp/policy.h"
#include "tool/args.h"
#include "tool/derivation.h"
#include "tool/derive_report.h"
#include "tool/derived.h"
#include "tool/output.h"
#include "tool/profile.h"

enum { ALSO_MAX = 32, EXIT_OPEN = 3 };

struct request {
	struct derivation_request first; /* its program, and all --with */
	const char *also[ALSO_MAX];
	size_t also_count;
	const char *output;
	bool is_json, is_partial;
};

const struct args_option profile_derive_options[] = {
	{ "output", 'o', "POLICY", "write it as a policy" },
	{ "with", 'w', "LIB", "a library that it opens; may be repeated" },
	{ "also", 'a', "PROGRAM", "a program that it starts; may be repeated" },
	{ "image", 'i', "IMAGE.tar", "read the files of an image" },
	{ "json", 'j', NULL,
	  "for programs: everything, with files and offsets" },
	{ "complete", 'c', NULL,
	  "no library is opened but those that are known" },
	{ "root", 'r', "DIR", "look for libraries in this tree" },
	{ "platform", 'P', "PLATFORM",
	  "of several: linux/arm64, arm/v7 and the like" },
	{ "partial", 'p', NULL, "write it although places are open" },
	{ NULL, 0, NULL, NULL },
};

static int usage(struct err *err, const char *what, const char *why)
{
	return args_usage(err, "profile derive", what, why);
}

static int add_name(const char **names, size_t *count, size_t max,
		    struct err *err)
{
	if (*count == max)
		return usage(err, optarg, "too many of these");
	names[(*count)++] = optarg;
	return 0;
}

static int read_option(struct request *request, int option, struct err *err)
{
	switch (option) {
	case 'o':
		request->output = optarg;
		return 0;
	case 'w':
		return add_name(request->first.with, &request->first.with_count,
				DERIVATION_WITH_MAX, err);
	case 'a':
		return add_name(request->also, &request->also_count, ALSO_MAX,
				err);
	case 'i':
		request->first.image = optarg;
		return 0;
	case 'j':
		request->is_json = true;
		return 0;
	case 'r':
		request->first.root = optarg;
		return 0;
	case 'c':
		request->first.is_complete = true;
		return 0;
	default:
		request->is_partial = true;
		return 0;
	}
}

static int read_request(struct request *request, int argc, char **argv,
			struct err *err)
{
	const struct args args = { "profile derive", argc, argv,
				   ":o:", profile_derive_options };
	int option, got;

	*request = (struct request){ .is_json = false };
	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		if ((option == 'P'
			     ? args_platform(&request->first.arch, &args, err)
			     : read_option(request, option, err)) < 0)
			return TOOL_USAGE;
	if (got < 0)
		return got;
	if (request->first.arch && !request->first.image)
		return usage(err, "--platform", "only with --image");
	if (request->first.image && request->first.root)
		return usage(err, "--root", "an image has its own files");
	if (optind == argc && !request->first.image)
		return usage(err, "PROGRAM", "missing");
	if (optind + 1 < argc)
		return usage(err, argv[optind + 1],
			     "one PROGRAM; others with --also");
	request->first.program = argv[optind]; /* or NULL */
	return 0;
}

/* All programs' calls and what stays open in any of them. */
struct total {
	const struct arch *arch;
	bool calls[DERIVE_NR_MAX];
	size_t open_count;
	struct derive_report report;
};

static int add_program(struct total *total, const struct request *request,
		       const char *program, struct err *err)
{
	struct derivation_request one = request->first;
	struct libraries libraries;
	json_t *derived;

	one.program = program;
	if (derivation_find(&libraries, &one, err) < 0 ||
	    derived_make(&derived, &libraries, one.is_complete, err) < 0)
		return -1;
	if (total->arch && total->arch != derived_arch(derived)) {
		json_decref(derived);
		return err_set(err, 0, "%s: for another machine than %s",
			       program, request->first.program);
	}
	total->arch = derived_arch(derived);
	derived_calls(total->calls, derived);
	total->open_count += derived_open_count(derived);
	derive_report_add(&total->report, derived);
	json_decref(derived);
	return 0;
}

static int add_programs(struct total *total, const struct request *request,
			struct err *err)
{
	if (add_program(total, request, request->first.program, err) < 0)
		return -1;
	for (size_t i = 0; i < request->also_count; i++)
		if (add_program(total, request, request->also[i], err) < 0)
			return -1;
	return 0;
}

/* The gate's to open, by AllowExec=, and not the policy's. */
static bool is_left_out(const char *name)
{
	return strcmp(name, "execve") == 0 || strcmp(name, "execveat") == 0;
}

static void write_head(struct buf *out, const struct total *total,
		       const struct request *request)
{
	buf_text(out, "# derived from ");
	if (request->first.image)
		buf_fmt(out, "%s", request->first.image);
	if (request->first.program)
		buf_fmt(out, "%s%s", request->first.image ? " " : "",
			request->first.program);
	for (size_t i = 0; i < request->also_count; i++)
		buf_fmt(out, ", %s", request->also[i]);
	buf_fmt(out, ": %s\n", total->open_count ? "OPEN" : "exact");
}

static int write_policy(struct buf *out, const struct total *total,
			const struct request *request, struct err *err)
{
	struct policy policy;

	write_head(out, total, request);
	policy_init(&policy, total->arch);
	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++) {
		const char *name = arch_syscall_name(total->arch, nr);

		if (!total->calls[nr])
			continue;
		if (is_left_out(name))
			buf_fmt(out,
				"# %s: left out; a program that starts others "
				"needs AllowExec=yes\n",
				name);
		else if (policy_add(&policy, slice_from(name), err) < 0)
			return -1;
	}
	policy_print(out, &policy);
	return 0;
}

static int save(const struct total *total, const struct request *request,
		struct err *err)
{
	auto_buf struct buf text = { 0 };
	struct io_output out;

	if (total->open_count && !request->is_partial)
		return err_set(err, 0,
			       "%s: not written: %zu places are open; "
			       "--partial writes what is known",
			       request->output, total->open_count);
	if (write_policy(&text, total, request, err) < 0)
		return -1;
	if (io_create(&out, request->output, err) < 0)
		return -1;
	if (io_write(out.fd, text.at, text.len) < 0) {
		err_set(err, errno, "write %s", request->output);
		io_discard(&out);
		return -1;
	}
	return io_commit(&out, err);
}

int profile_derive(int argc, char **argv, struct err *err)
{
	struct request request;
	struct total total = { .open_count = 0 };
	int status = read_request(&request, argc, argv, err);

	if (status < 0)
		return status;
	if (output_check(request.output, NULL, err) < 0)
		return -1;
	status = add_programs(&total, &request, err);
	if (status == 0) {
		derive_report_print(&total.report, total.open_count,
				    request.is_json);
		if (request.output)
			status = save(&total, &request, err);
	}
	derive_report_free(&total.report);
	return status < 0 ? status : total.open_count ? EXIT_OPEN : 0;
}
