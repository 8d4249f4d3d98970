/* pith update: what SystemCallFilter=auto stands for, accepted and locked. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/recipe.h"
#include "tool/args.h"
#include "tool/build.h"
#include "tool/locked.h"
#include "tool/packages.h"
#include "tool/tool.h"

static const struct option options[] = {
	{ "init", required_argument, NULL, 'i' },
	{ NULL, 0, NULL, 0 },
};

static void print_diff(const struct build *build, const struct locked *locked)
{
	auto_buf struct buf text = { 0 };
	struct slice line, rest;
	size_t count = 0;

	for (size_t i = 0; i < DERIVE_NR_MAX; i++)
		count += build->automatic.calls[i];
	printf("%s  %zu calls (%s)\n", locked->policy_name, count,
	       build->recipe->filter_status);
	if (!locked->is_there)
		return;
	locked_print_diff(&text, locked, &build->automatic,
			  build->recipe->filter_status);
	rest = buf_slice(&text);
	while (slice_cut(&line, &rest, '\n'))
		printf("  %.*s\n", SLICE_ARGS(line));
	if (!text.len)
		printf("  nothing has changed\n");
}

static int lock(const struct build *build, struct err *err)
{
	const struct recipe *recipe = build->recipe;
	struct locked locked;

	if (!build->automatic.programs)
		return err_set(err, 0,
			       "%s: without SystemCallFilter=auto nothing is "
			       "derived, and there is nothing to lock",
			       recipe->file);
	int result = locked_open(&locked, recipe->file, err);

	packages_add(build->automatic.programs, recipe);
	if (result == 0)
		result = locked_write(&locked, &build->automatic,
				      recipe->filter_status, err);
	if (result == 0)
		print_diff(build, &locked);
	locked_close(&locked);
	return result;
}

static int update(const char *file, const char *init, struct err *err)
{
	struct recipe recipe;
	struct build build = { .recipe = &recipe, .init = init };
	auto_free char *text = NULL;
	size_t len;

	if (io_load(&text, &len, file, RECIPE_MAX, err) < 0 ||
	    recipe_parse(&recipe, text, len, file, err) < 0)
		return -1;
	int result = build_derive(&build, err);

	if (result == 0)
		result = lock(&build, err);
	build_free(&build);
	recipe_free(&recipe);
	return result;
}

int cmd_update(int argc, char **argv, struct err *err)
{
	const struct args args = { "update", argc, argv, ":", options };
	const char *init = NULL;
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		init = optarg;
	if (got < 0)
		return got;
	if (optind == argc)
		return args_usage(err, "update", "NAME.pith", "missing");
	if (optind + 1 < argc)
		return args_usage(err, "update", argv[optind + 1],
				  "one recipe at a time");
	return update(argv[optind], init, err);
}
