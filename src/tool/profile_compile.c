/* pith profile compile: from a policy to a proven filter. */
#include "tool/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/filter.h"
#include "seccomp/compile.h"
#include "seccomp/policy.h"
#include "tool/args.h"
#include "tool/output.h"
#include "tool/policy_file.h"

struct request {
	const char *policy; /* "-" is standard input */
	const char *blob;
	const char *program; /* IMAGE_PATH[=FILE], or NULL */
	const struct arch *arch;
	bool allow_exec;
};

const struct args_option profile_compile_options[] = {
	{ "output", 'o', "BLOB", "where to" },
	{ "arch", 'a', "ARCH", "default: this machine" },
	{ "allow-exec", 'x', NULL,
	  "without the gate: other programs may be started" },
	{ "program", 'p', "PATH[=FILE]", "for this program alone" },
	{ NULL, 0, NULL, NULL },
};

static int usage(struct err *err, const char *what, const char *why)
{
	return args_usage(err, "profile compile", what, why);
}

static int read_option(struct request *request, int option, struct err *err)
{
	switch (option) {
	case 'o':
		request->blob = optarg;
		return 0;
	case 'a':
		request->arch = arch_by_name(slice_from(optarg));
		return request->arch
			       ? 0
			       : usage(err, optarg, "unknown architecture");
	case 'x':
		request->allow_exec = true;
		return 0;
	default:
		request->program = optarg;
		return 0;
	}
}

static int read_request(struct request *request, int argc, char **argv,
			struct err *err)
{
	const struct args args = { "profile compile", argc, argv,
				   ":o:", profile_compile_options };
	int option, got;

	*request = (struct request){ .arch = arch_host() };
	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		if (read_option(request, option, err) < 0)
			return TOOL_USAGE;
	if (got < 0)
		return got;
	if (optind == argc)
		return usage(err, "POLICY", "missing");
	if (optind + 1 < argc)
		return usage(err, argv[optind + 1], "one POLICY at a time");
	if (!request->blob)
		return usage(err, "-o BLOB", "missing");
	request->policy = argv[optind];
	return 0;
}

/* What identifies the program that the filter is for. */
struct program {
	char *path; /* in the image */
	char ident[FILTER_IDENT_SIZE];
	struct compile_program as_compiled;
};

static void free_program(struct program *program)
{
	free(program->path);
}

static int read_program(struct program *program, const char *text,
			struct err *err)
{
	const char *equals = strchr(text, '=');
	const char *file = equals ? equals + 1 : text;
	size_t len = equals ? (size_t)(equals - text) : strlen(text);
	auto_fd int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "program %s", file);
	if (!S_ISREG(st.st_mode))
		return err_set(err, 0, "program %s: no regular file", file);
	ssize_t got = io_read(fd, program->ident, sizeof(program->ident));

	if (got < 0)
		return err_set(err, errno, "program %s", file);
	program->path = mem_text((struct slice){ text, len });
	program->as_compiled = (struct compile_program){
		.path = program->path,
		.size = (uint64_t)st.st_size,
		.ident = program->ident,
		.ident_len = (size_t)got,
	};
	return 0;
}

static const char *policy_name(const struct request *request)
{
	return strcmp(request->policy, "-") == 0 ? "standard input"
						 : request->policy;
}

static int read_policy(struct policy *policy, const struct request *request,
		       struct err *err)
{
	policy_init(policy, request->arch);
	return policy_file_read(policy, request->policy, err);
}

static int compile(struct buf *blob, const struct policy *policy,
		   const struct request *request, struct err *err)
{
	__attribute__((cleanup(free_program))) struct program program = { 0 };

	if (request->program &&
	    read_program(&program, request->program, err) < 0)
		return -1;
	struct compile_options how = {
		.allow_exec = request->allow_exec,
		.program = program.as_compiled,
	};

	if (compile_filter(blob, policy, &how, err) < 0)
		return err_wrap(err, "%s", policy_name(request));
	return 0;
}

static int report(const struct request *request, const struct policy *policy,
		  const struct buf *blob, struct err *err)
{
	struct filter filter;

	/* malloc aligned it. */
	if (filter_parse(&filter, blob->at, blob->len, err) < 0)
		return err_wrap(err, "%s", request->blob);
	printf("%s  %zu bytes  %zu calls  %u instructions  %s  %s\n",
	       request->blob, blob->len, policy_count(policy),
	       filter.insn_count, request->arch->name,
	       filter.flags & FILTER_GATE ? "starts once" : "may exec");
	return 0;
}

int profile_compile(int argc, char **argv, struct err *err)
{
	struct request request;
	auto_policy struct policy policy = { 0 };
	auto_buf struct buf blob = { 0 };
	int status = read_request(&request, argc, argv, err);

	if (status < 0)
		return status;
	if (output_check(request.blob, NULL, err) < 0 ||
	    read_policy(&policy, &request, err) < 0 ||
	    compile(&blob, &policy, &request, err) < 0 ||
	    output_write(request.blob, buf_slice(&blob), err) < 0)
		return -1;
	return report(&request, &policy, &blob, err);
}
