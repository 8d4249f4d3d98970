/*
 * pith profile: policies and filters by themselves, without an image. One
 * table says which verbs there are, what each takes and which function does
 * it; the usage texts are that table.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/slice.h"
#include "tool/args.h"
#include "tool/profile.h"
#include "tool/tool.h"

enum { EXIT_USAGE = 2 };

static const struct verb {
	const char *name;
	const char *takes;
	const char *does;
	int (*run)(int argc, char **argv, struct err *err);
	const struct args_option *options;
} verbs[] = {
	{ "check", "POLICY... [--arch ARCH] [--judge]",
	  "compile and prove for every machine, and write nothing",
	  profile_check, profile_check_options },
	{ "compile",
	  "POLICY -o BLOB [--arch ARCH] [--allow-exec] [--program PATH[=FILE]]",
	  "turn a policy into a proven seccomp filter", profile_compile,
	  profile_compile_options },
	{ "derive",
	  "PROGRAM | --image IMAGE.tar [PROGRAM] [--platform PLATFORM] "
	  "[--with LIB] [--also PROGRAM] [--root DIR] [--complete] [--json] "
	  "[-o POLICY [--partial]]",
	  "list the system calls that a program can make", profile_derive,
	  profile_derive_options },
	{ "diff", "POLICY POLICY [--arch ARCH]",
	  "show what the second says otherwise; exit 1 if it does",
	  profile_diff, profile_diff_options },
	{ "explain",
	  "SYSCALL PROGRAM | IMAGE.tar [--platform PLATFORM] [--with LIB] "
	  "[--root DIR]",
	  "show how a program gets to a system call", profile_explain,
	  profile_explain_options },
	{ "export", "POLICY --oci [-o FILE] [--arch ARCH] [--plain]",
	  "write a policy as a profile for container engines", profile_export,
	  profile_export_options },
	{ "import",
	  "FILE [-o POLICY] [--arch ARCH] [--cap CAP]... [--kernel X.Y]",
	  "make a policy of an engine's profile, and say what was lost",
	  profile_import, profile_import_options },
	{ "learn", "POLICY [-o FILE] [--program NAME] <LOG",
	  "show what a log of denials says that a policy lacks", profile_learn,
	  profile_learn_options },
	{ "merge", "POLICY POLICY... [-o POLICY] [--arch ARCH]",
	  "allow what any of them allows", profile_merge,
	  profile_merge_options },
	{ "show",
	  "POLICY | BLOB [--table | --bpf] [-o FILE] [--arch ARCH] "
	  "[--allow-exec | --plain]",
	  "print the canonical text, what each call gets, or instructions",
	  profile_show, profile_show_options },
	{ "trace",
	  "[-o POLICY] [--merge POLICY] PROGRAM [ARG...] | --image IMAGE.tar "
	  "[--runtime PROGRAM] [ARG...]",
	  "run a program and list what it called", profile_trace,
	  profile_trace_options },
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static void print_verb(FILE *to, const struct verb *verb)
{
	fprintf(to, "usage: pith profile %s %s\n", verb->name, verb->takes);
}

static void print_verbs(void)
{
	printf("usage: pith profile VERB ...\n\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  pith profile %s %s\n      %s\n", verbs[i].name,
		       verbs[i].takes, verbs[i].does);
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

static int unknown_verb(const char *name, struct err *err)
{
	const char *names[VERBS];

	for (size_t i = 0; i < VERBS; i++)
		names[i] = verbs[i].name;
	int near = slice_nearest(slice_from(name), names, VERBS);

	if (near < 0)
		err_set(err, 0, "profile: %s: no such verb", name);
	else
		err_set(err, 0, "profile: %s: no such verb; did you mean %s?",
			name, names[near]);
	return TOOL_USAGE;
}

/* For wrong usage main would show what pith profile takes, not the verb. */
static int run_verb(const struct verb *verb, int argc, char **argv,
		    struct err *err)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		print_verb(stdout, verb);
		printf("  %s\n\n", verb->does);
		args_print(verb->options);
		return 0;
	}
	int status = verb->run(argc, argv, err);

	if (status != TOOL_USAGE)
		return status;
	fprintf(stderr, "pith: %s\n", err->text);
	print_verb(stderr, verb);
	return EXIT_USAGE;
}

int cmd_profile(int argc, char **argv, struct err *err)
{
	if (argc < 2) {
		err_set(err, 0, "profile: VERB: missing");
		return TOOL_USAGE;
	}
	if (strcmp(argv[1], "help") == 0) {
		print_verbs();
		return 0;
	}
	const struct verb *verb = find_verb(argv[1]);

	if (!verb)
		return unknown_verb(argv[1], err);
	return run_verb(verb, argc - 1, argv + 1, err);
}
