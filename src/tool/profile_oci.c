/* pith profile import and export: the profiles of container engines. */
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/scope.h"
#include "seccomp/compile.h"
#include "seccomp/oci.h"
#include "seccomp/policy.h"
#include "tool/args.h"
#include "tool/output.h"
#include "tool/policy_file.h"
#include "tool/profile.h"

enum { PROFILE_FILE_MAX = 4 << 20 }; /* bytes */

struct request {
	const char *verb;
	const char *input;  /* "-" is standard input */
	const char *output; /* NULL: standard output */
	const struct arch *arch;
	bool is_oci;
	bool is_plain;
	struct buf caps;
	uint32_t kernel;
};

const struct args_option profile_import_options[] = {
	{ "output", 'o', "POLICY", "instead of standard output" },
	{ "arch", 'a', "ARCH", "default: this machine" },
	{ "cap", 'c', "CAP", "as if the container had it; may be repeated" },
	{ "kernel", 'k', "X.Y", "as if on this kernel" },
	{ NULL, 0, NULL, NULL },
};

const struct args_option profile_export_options[] = {
	{ "output", 'o', "FILE", "instead of standard output" },
	{ "arch", 'a', "ARCH", "default: this machine" },
	{ "oci", 'O', NULL, "as docker, podman and containerd read it" },
	{ "plain", 'p', NULL, "without pith's own guards" },
	{ NULL, 0, NULL, NULL },
};

static void free_request(struct request *request)
{
	buf_free(&request->caps);
}

/* "4.8" */
static bool read_kernel(uint32_t *out, const char *text)
{
	struct slice rest = slice_from(text);
	struct slice major;
	uint32_t high, low;

	if (!slice_cut(&major, &rest, '.') || !num_u32(&high, major) ||
	    !num_u32(&low, rest) || high > 999 || low > 9999 || !high)
		return false;
	*out = high << 16 | low;
	return true;
}

static void add_cap(struct buf *caps, const char *name)
{
	buf_text(caps, strncmp(name, "CAP_", 4) == 0 ? " " : " CAP_");
	buf_text(caps, name);
}

static int read_option(struct request *request, int option, struct err *err)
{
	switch (option) {
	case 'o':
		request->output = optarg;
		return 0;
	case 'a':
		request->arch = arch_by_name(slice_from(optarg));
		return request->arch ? 0
				     : args_usage(err, request->verb, optarg,
						  "unknown architecture");
	case 'c':
		add_cap(&request->caps, optarg);
		return 0;
	case 'k':
		return read_kernel(&request->kernel, optarg)
			       ? 0
			       : args_usage(err, request->verb, optarg,
					    "no kernel version like 4.8");
	case 'O':
		request->is_oci = true;
		return 0;
	default:
		request->is_plain = true;
		return 0;
	}
}

static int read_request(struct request *request, int argc, char **argv,
			const struct args_option *options, struct err *err)
{
	const struct args args = { request->verb, argc, argv, ":o:", options };
	int option, got;

	request->arch = arch_host();
	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		if (read_option(request, option, err) < 0)
			return TOOL_USAGE;
	if (got < 0)
		return got;
	if (optind + 1 != argc)
		return args_usage(err, request->verb,
				  optind == argc ? "FILE" : argv[optind + 1],
				  optind == argc ? "missing" : "one FILE only");
	request->input = argv[optind];
	return 0;
}

/* What was lost stands at the head of the text, as comments. */
static void print_notes(struct buf *text, const struct buf *notes)
{
	struct slice rest = buf_slice(notes);
	struct slice line;

	while (slice_cut(&line, &rest, '\n'))
		buf_fmt(text, "# %.*s\n", SLICE_ARGS(line));
}

static int import(struct buf *text, const struct request *request,
		  struct err *err)
{
	const struct oci_machine machine = { buf_slice(&request->caps),
					     request->kernel };
	auto_policy struct policy policy = { .arch = request->arch };
	auto_buf struct buf notes = { 0 };
	auto_free char *json = NULL;
	size_t len;

	if (io_load(&json, &len, request->input, PROFILE_FILE_MAX, err) < 0)
		return -1;
	if (oci_import(&policy, &notes, (struct slice){ json, len }, &machine,
		       err) < 0)
		return err_wrap(err, "%s", request->input);
	print_notes(text, &notes);
	policy_print(text, &policy);
	return 0;
}

int profile_import(int argc, char **argv, struct err *err)
{
	__attribute__((cleanup(free_request))) struct request request = {
		.verb = "profile import"
	};
	auto_buf struct buf text = { 0 };
	int status = read_request(&request, argc, argv, profile_import_options,
				  err);

	if (status < 0)
		return status;
	if (output_check(request.output, NULL, err) < 0 ||
	    import(&text, &request, err) < 0)
		return -1;
	return output_write(request.output, buf_slice(&text), err);
}

/* An engine starts the program under the filter, and it has no gate. */
static int export(struct buf *text, const struct request *request,
		  struct err *err)
{
	struct compile_options options = { .allow_exec = true,
					   .is_plain = request->is_plain };
	auto_policy struct policy policy = { 0 };
	auto_policy struct policy whole = { 0 };

	policy_init(&policy, request->arch);
	if (policy_file_read(&policy, request->input, err) < 0)
		return -1;
	if (!request->is_plain && policy_add(&policy, SLICE("execve"), err) < 0)
		return -1;
	if (compile_whole(&whole, &policy, &options, err) < 0 ||
	    oci_export(text, &whole, err) < 0)
		return err_wrap(err, "%s", request->input);
	return 0;
}

int profile_export(int argc, char **argv, struct err *err)
{
	__attribute__((cleanup(free_request))) struct request request = {
		.verb = "profile export"
	};
	auto_buf struct buf text = { 0 };
	int status = read_request(&request, argc, argv, profile_export_options,
				  err);

	if (status < 0)
		return status;
	if (!request.is_oci)
		return args_usage(err, request.verb, "--oci", "missing");
	if (output_check(request.output, NULL, err) < 0 ||
	    export(&text, &request, err) < 0)
		return -1;
	return output_write(request.output, buf_slice(&text), err);
}
