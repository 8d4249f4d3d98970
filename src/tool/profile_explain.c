/* pith profile explain: why a program can make a system call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "tool/args.h"
#include "tool/derivation.h"
#include "tool/profile.h"

static const struct option options[] = {
	{ "with", required_argument, NULL, 'w' },
	{ NULL, 0, NULL, 0 },
};

static int usage(struct err *err, const char *what, const char *why)
{
	return args_usage(err, "profile explain", what, why);
}

struct request {
	struct derivation_request program;
	uint32_t nr;
	const char *name;
};

static int read_operands(struct request *request, int argc, char **argv,
			 struct err *err)
{
	int nr;

	if (argc - optind < 2)
		return usage(err, argc == optind ? "SYSCALL" : "PROGRAM",
			     "missing");
	if (argc - optind > 2)
		return usage(err, argv[optind + 2], "one PROGRAM at a time");
	request->name = argv[optind];
	request->program.program = argv[optind + 1];
	nr = arch_syscall_nr(&arch_x86_64, slice_from(request->name));
	if (nr < 0)
		return usage(err, request->name, "no system call of x86_64");
	request->nr = (uint32_t)nr;
	return 0;
}

static int read_request(struct request *request, int argc, char **argv,
			struct err *err)
{
	const struct args args = { "profile explain", argc, argv, ":",
				   options };
	int option, got;

	*request = (struct request){ .name = NULL };
	args_start();
	while ((got = args_next(&option, &args, err)) > 0) {
		if (request->program.with_count == DERIVATION_WITH_MAX)
			return usage(err, optarg, "too many of these");
		request->program.with[request->program.with_count++] = optarg;
	}
	return got < 0 ? got : read_operands(request, argc, argv, err);
}

static const char *const words[] = {
	[REACH_ENTRY] = "starts at",
	[REACH_CALL] = "calls",
	[REACH_JUMP] = "jumps to",
	[REACH_TABLE] = "switches to",
	[REACH_NEXT] = "runs on into",
	[REACH_LANDING] = "catches an exception in",
	[REACH_TAKEN] = "takes the address of",
	[REACH_POINTER] = "holds a pointer to",
	[REACH_NAME] = "is the name of",
	[REACH_EXPORT] = "may be asked for",
};

static void print_link(const struct derivation *derivation,
		       const struct derive_link *link)
{
	auto_buf struct buf text = { 0 };

	if (link->from && link->kind != REACH_ENTRY) {
		derivation_print_place(&text, derivation, link->from);
		buf_text(&text, " ");
	}
	buf_fmt(&text, "%s ", words[link->kind]);
	derivation_print_place(&text, derivation, link->to);
	printf("  %s\n", text.at);
}

static void print_chain(const struct derivation *derivation, uint64_t address)
{
	struct derive_link links[DERIVE_LINKS];
	size_t count = derive_chain(links, &derivation->derive, address);

	for (size_t i = 0; i < count; i++)
		print_link(derivation, &links[i]);
}

static void print_call(const struct derivation *derivation,
		       const struct derive_call *call, const char *name)
{
	auto_buf struct buf text = { 0 };

	print_chain(derivation, call->named);
	derivation_print_place(&text, derivation, call->named);
	buf_fmt(&text, " names %s\n  ", name);
	derivation_print_place(&text, derivation, call->site);
	printf("  %s calls the kernel\n", text.at);
}

static int explain(const struct derivation *derivation,
		   const struct request *request, struct err *err)
{
	const struct derive *derive = &derivation->derive;
	const struct derive_call *call = derive_find(derive, request->nr);
	size_t count = 0;

	if (!call)
		return err_set(err, 0, "%s: does not call %s%s",
			       request->program.program, request->name,
			       derivation_open_count(derivation)
				       ? ", as far as it could be followed"
				       : "");
	for (size_t i = 0; i < derive->calls.count; i++)
		count += derive->calls.at[i].nr == request->nr;
	printf("%s  %s(%u)  %zu places; the first:\n", request->program.program,
	       request->name, request->nr, count);
	print_call(derivation, call, request->name);
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
