#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "image/bundle.h"
#include "tool/args.h"
#include "tool/guard.h"
#include "tool/rootless.h"
#include "tool/runtime.h"
#include "tool/told.h"
#include "tool/tool.h"
#include "tool/unpack.h"

enum { RUN_ENV_MAX = 64 };

struct run {
	const char *image;	 /* the archive's path */
	const struct arch *arch; /* --platform, or NULL */
	const char *chosen;	 /* the runtime's name, or NULL */
	struct runtime runtime;
	struct bundle bundle;
	char *env[RUN_ENV_MAX];
};

static int add_env(struct run *run, char *text, struct err *err)
{
	if (!strchr(text, '=') || text[0] == '=')
		return err_set(err, 0, "run: --env %s: not NAME=value", text);
	if (run->bundle.env_count == RUN_ENV_MAX)
		return err_set(err, 0, "run: --env: more than %d", RUN_ENV_MAX);
	run->env[run->bundle.env_count++] = text;
	return 0;
}

const struct args_option run_options[] = {
	{ "env", 'e', "NAME=VALUE", "one variable more" },
	{ "user", 'u', "UID[:GID]", "instead of the image's" },
	{ "runtime", 'r', "PROGRAM", "default: runc, or else crun" },
	{ "read-only", 'o', NULL, "the root file system" },
	{ "platform", 'p', "PLATFORM",
	  "of several: linux/arm64, arm/v7 and the like" },
	{ NULL, 0, NULL, NULL },
};

static int read_option(struct run *run, int option, struct err *err)
{
	switch (option) {
	case 'e':
		return add_env(run, optarg, err);
	case 'u':
		run->bundle.user = optarg;
		return 0;
	case 'r':
		run->chosen = optarg;
		return 0;
	default:
		run->bundle.is_read_only = true;
		return 0;
	}
}

static int parse_options(struct run *run, int argc, char **argv,
			 struct err *err)
{
	/* "+": what follows the image is its program's. */
	const struct args args = { "run", argc, argv, "+:", run_options };
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		if (option == 'p' ? args_platform(&run->arch, &args, err) < 0
				  : read_option(run, option, err) < 0)
			return TOOL_USAGE;
	if (got < 0)
		return got;
	if (optind >= argc)
		return args_usage(err, "run", "IMAGE.tar", "missing");
	run->image = argv[optind];
	run->bundle.args = argv + optind + 1;
	run->bundle.arg_count = (size_t)(argc - optind - 1);
	run->bundle.env = run->env;
	return 0;
}

/* The bundle and its container, from start to end. */
static int do_run(void *arg, struct err *err)
{
	struct run *run = arg;
	int sig;

	if (unpack_bundle(&run->bundle, run->runtime.bundle, run->image,
			  run->arch, err) < 0)
		return -1;
	/* Told to stop while it was extracting: it never starts. */
	if ((sig = told_to_end()) > 0)
		return 128 + sig;
	return runtime_run(&run->runtime, err);
}

static void clean(void *arg)
{
	const struct run *run = arg;

	runtime_clean(&run->runtime);
}

/* A directory of our own for the bundle, gone again afterwards. */
static int run_image(struct run *run, struct err *err)
{
	const char *parent = getenv("TMPDIR");
	auto_buf struct buf directory = { 0 }, state = { 0 }, id = { 0 };
	sigset_t mask;

	buf_fmt(&directory, "%s/pith-run-XXXXXX",
		parent && *parent == '/' ? parent : "/tmp");
	/* From before the directory is there until it is gone again. */
	told_take(&mask);
	/* For nobody else: an image may hold setuid programs. */
	if (!mkdtemp(directory.at))
		return err_set(err, errno, "run: %s", directory.at);
	buf_fmt(&state, "%s/state", directory.at);
	buf_fmt(&id, "pith-%d", (int)getpid());
	run->runtime.bundle = directory.at;
	run->runtime.state = state.at;
	run->runtime.id = id.at;
	run->runtime.teller = getpid();
	run->runtime.mask = &mask;
	int code = guard_run(&(struct guard){ do_run, clean, run }, err);

	return code < 0 ? err_wrap(err, "run") : code;
}

int cmd_run(int argc, char **argv, struct err *err)
{
	struct run run = { 0 };
	int result = parse_options(&run, argc, argv, err);

	if (result < 0)
		return result;
	run.runtime.program = runtime_find(run.chosen, err);
	if (!run.runtime.program)
		return err_wrap(err, "run");
	if (geteuid() != 0) {
		rootless_enter(argc, argv, err);
		return err_wrap(err, "run");
	}
	run.bundle.is_rootless = rootless_is_inside();
	return run_image(&run, err);
}
