/* pith profile explain: why a program can make a system call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "seccomp/machine.h"
#include "seccomp/word.h"
#include "tool/args.h"
#include "tool/chain.h"
#include "tool/derivation.h"
#include "tool/image_code.h"
#include "tool/profile.h"

const struct args_option profile_explain_options[] = {
	{ "with", 'w', "LIB", "a library that it opens; may be repeated" },
	{ "root", 'r', "DIR", "look for libraries in this tree" },
	{ "platform", 'P', "PLATFORM",
	  "of several: linux/arm64, arm/v7 and the like" },
	{ NULL, 0, NULL, NULL },
};

static int usage(struct err *err, const char *what, const char *why)
{
	return args_usage(err, "profile explain", what, why);
}

struct request {
	struct derivation_request program;
	const char *name;
};

static int read_option(struct request *request, int option, struct err *err)
{
	if (option == 'r') {
		request->program.root = optarg;
		return 0;
	}
	if (request->program.with_count == DERIVATION_WITH_MAX)
		return usage(err, optarg, "too many of these");
	request->program.with[request->program.with_count++] = optarg;
	return 0;
}

static int read_operands(struct request *request, int argc, char **argv,
			 struct err *err)
{
	if (argc - optind < 2)
		return usage(err, argc == optind ? "SYSCALL" : "PROGRAM",
			     "missing");
	if (argc - optind > 2)
		return usage(err, argv[optind + 2], "one PROGRAM at a time");
	request->name = argv[optind];
	if (image_code_is_archive(argv[optind + 1]))
		request->program.image = argv[optind + 1];
	else
		request->program.program = argv[optind + 1];
	if (request->program.arch && !request->program.image)
		return usage(err, "--platform", "only of an image");
	if (request->program.image && request->program.root)
		return usage(err, "--root", "an image has its own files");
	if (!word_is_call(slice_from(request->name)))
		return usage(err, request->name, "no system call");
	return 0;
}

static int read_request(struct request *request, int argc, char **argv,
			struct err *err)
{
	const struct args args = { "profile explain", argc, argv, ":",
				   profile_explain_options };
	int option, got;

	*request = (struct request){ .name = NULL };
	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		if ((option == 'P'
			     ? args_platform(&request->program.arch, &args, err)
			     : read_option(request, option, err)) < 0)
			return TOOL_USAGE;
	return got < 0 ? got : read_operands(request, argc, argv, err);
}

static void print_call(const struct derivation *derivation,
		       const struct derive_call *call)
{
	auto_buf struct buf text = { 0 };
	struct slice line, rest;

	chain_print(&text, derivation, call);
	rest = buf_slice(&text);
	while (slice_cut(&line, &rest, '\n'))
		printf("  %.*s\n", SLICE_ARGS(line));
}

static int explain(const struct derivation *derivation,
		   const struct request *request, struct err *err)
{
	const struct derive *derive = &derivation->derive;
	const struct arch *arch = derive->program.machine->arch;
	int nr = arch_syscall_nr(arch, slice_from(request->name));
	const struct derive_call *call = derive_find(derive, (uint32_t)nr);
	const char *program = derivation->libraries.files.at[0].path;
	size_t count = 0;

	if (nr < 0)
		return err_set(err, 0, "%s: no system call of %s",
			       request->name, arch->name);
	if (!call)
		return err_set(err, 0, "%s: does not call %s%s", program,
			       request->name,
			       derivation_open_count(derivation)
				       ? ", as far as it could be followed"
				       : "");
	for (size_t i = 0; i < derive->calls.count; i++)
		count += derive->calls.at[i].nr == (uint32_t)nr;
	printf("%s  %s(%u)  %zu places; the first:\n", program, request->name,
	       (unsigned)nr, count);
	print_call(derivation, call);
	return 0;
}

int profile_explain(int argc, char **argv, struct err *err)
{
	struct derivation derivation;
	struct request request;
	int status = read_request(&request, argc, argv, err);

	if (status < 0)
		return status;
	if (derivation_open(&derivation, &request.program, err) < 0)
		return -1;
	status = explain(&derivation, &request, err);
	derivation_close(&derivation);
	return status;
}
