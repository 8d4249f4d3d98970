/*
 * pith: the host tool. One table says which subcommands there are, what each
 * takes and which function does it; the usage text is that table.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/slice.h"
#include "tool/args.h"
#include "tool/print.h"
#include "tool/tool.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_TROUBLE = 2 };

static const struct command {
	const char *name;
	const char *takes;
	const char *does;
	int (*run)(int argc, char **argv, struct err *err);
	const struct args_option *options; /* NULL: verbs have them */
} commands[] = {
	{ "build", "PROGRAM | NAME.pith [-o OUT.tar] [OPTIONS] [-- ARG...]",
	  "make an image of a program or from a recipe", cmd_build,
	  build_options },
	{ "diff", "[--json] [--platform P] A.tar B.tar",
	  "show what differs between two images", cmd_diff, diff_options },
	{ "export",
	  "--initramfs | --squashfs | --tar | --dir [OPTIONS] IMAGE.tar -o OUT",
	  "write an image's files in another form", cmd_export,
	  export_options },
	{ "flatten", "[--tag NAME:TAG] [--platform P] IN.tar -o OUT.tar",
	  "make one layer of an image's layers", cmd_flatten, flatten_options },
	{ "import-unit",
	  "X.service [DROP-IN.conf...] [-o FILE] [--instance NAME] | --keys",
	  "turn a systemd unit into a [Service] section, key by key",
	  cmd_import_unit, import_unit_options },
	{ "inspect", "[--json] [--code] [--platform P] IMAGE.tar",
	  "show what an image holds and what its program may call", cmd_inspect,
	  inspect_options },
	{ "lint",
	  "[--json] [--strict] [--platform P] IMAGE.tar | --explain RULE | "
	  "--rules",
	  "say what is wrong with an image, and why", cmd_lint, lint_options },
	{ "new", "[--try[=TIME]] [-o NAME.pith] PROGRAM [-- ARG...]",
	  "write a recipe to start from, by looking at a program", cmd_new,
	  new_options },
	{ "profile", "VERB ... | help",
	  "turn policies into proven filters; help lists the verbs",
	  cmd_profile, NULL },
	{ "run", "[OPTIONS] IMAGE.tar [ARG...]",
	  "start an image with runc or crun, and clean up after it", cmd_run,
	  run_options },
	{ "sbom", "[--spdx | --cyclonedx | --attach] [-o OUT] IMAGE.tar",
	  "say what an image is made of, package by package", cmd_sbom,
	  sbom_options },
	{ "seal", "[OPTIONS] IN.tar -o OUT.tar | --root DIR [OPTIONS] /PROGRAM",
	  "put pith-init and a filter around what others built", cmd_seal,
	  seal_options },
	{ "update", "[--init FILE] NAME.pith",
	  "write what SystemCallFilter=auto stands for beside the recipe",
	  cmd_update, update_options },
	{ "verify", "[--rebuild NAME.pith [--init FILE]] IMAGE.tar",
	  "check that an image is what it says it is", cmd_verify,
	  verify_options },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_usage(FILE *to)
{
	fprintf(to, "usage: pith COMMAND ...\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  pith %s %s\n      %s\n", commands[i].name,
			commands[i].takes, commands[i].does);
	fprintf(to, "\n  pith --help | --version\n");
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *names[COMMANDS];

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	int near = slice_nearest(slice_from(name), names, COMMANDS);

	fprintf(stderr, "pith: %s: no such command", name);
	if (near >= 0)
		fprintf(stderr, "; did you mean %s?", names[near]);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

/* The message may quote what somebody put into a file. */
static void print_error(const struct err *err)
{
	fputs("pith: ", stderr);
	print_text(stderr, slice_from(err->text));
	fputc('\n', stderr);
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct err err = { 0 };

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		printf("usage: pith %s %s\n  %s\n", command->name,
		       command->takes, command->does);
		if (command->options) {
			putchar('\n');
			args_print(command->options);
		}
		return 0;
	}
	int status = command->run(argc, argv, &err);

	if (status < 0)
		print_error(&err);
	if (status == TOOL_USAGE) {
		fprintf(stderr, "usage: pith %s %s\n", command->name,
			command->takes);
		return EXIT_USAGE;
	}
	if (status < 0)
		return status == TOOL_TROUBLE ? EXIT_TROUBLE : EXIT_FAILED;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "pith: write standard output: %m\n");
		return EXIT_FAILED;
	}
	return status;
}

int main(int argc, char **argv)
{
	/* A reader that went away is an error of write(2), not a death. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_usage(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("pith %s\n", PITH_VERSION);
		return 0;
	}
	const struct command *command = find_command(argv[1]);

	if (!command)
		return unknown_command(argv[1]);
	return run_command(command, argc - 1, argv + 1);
}
