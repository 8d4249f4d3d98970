/* pith update: what SystemCallFilter=auto stands for, accepted and locked. */
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
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

const struct args_option update_options[] = {
	{ "init", 'i', "FILE", "a pith-init; once for each machine" },
	{ NULL, 0, NULL, NULL },
};

/* What there is, and after it what has changed. */
static void print_diff(struct buf *out, const struct build *build,
		       const struct locked *locked)
{
	const struct recipe *recipe = build->recipe;
	auto_buf struct buf text = { 0 };
	struct slice line, rest;
	size_t count = 0;

	for (size_t i = 0; i < DERIVE_NR_MAX; i++)
		count += build->automatic.calls[i];
	buf_fmt(out, "%s  ", locked->policy_name);
	if (recipe->arch_count > 1)
		buf_fmt(out, "linux/%s  ", recipe->arch->oci);
	buf_fmt(out, "%zu calls (%s)\n", count, recipe->filter.status);
	if (!locked->part)
		return;
	locked_print_diff(&text, locked, &build->automatic,
			  recipe->filter.status);
	rest = buf_slice(&text);
	while (slice_cut(&line, &rest, '\n'))
		buf_fmt(out, "  %.*s\n", SLICE_ARGS(line));
	if (!text.len)
		buf_text(out, "  nothing has changed\n");
}

/* A platform's: its calls into *out, which automatic_free() is owed for. */
static int derive(struct automatic *out, struct buf *said, struct build *build,
		  size_t i, struct err *err)
{
	const struct recipe *recipe = build->recipe;
	struct locked locked;

	if (build_derive(build, i, err) < 0)
		return -1;
	if (!build->automatic.programs)
		return err_set(err, 0,
			       "%s: without SystemCallFilter=auto nothing is "
			       "derived, and there is nothing to lock",
			       recipe->file);
	packages_add(build->automatic.programs, recipe);
	int result = locked_open(&locked, recipe->file, recipe->arch, err);

	if (result == 0) {
		print_diff(said, build, &locked);
		*out = build->automatic;
		build->automatic = (struct automatic){ .programs = NULL };
	}
	locked_close(&locked);
	return result;
}

/* What the recipe no longer is for, and the lock will not hold any more. */
static int print_gone(struct buf *out, const struct recipe *recipe,
		      struct err *err)
{
	struct locked locked;
	int result = locked_open(&locked, recipe->file, recipe->archs[0], err);

	for (size_t i = 0; result == 0 && i < locked.lock.parts.count; i++) {
		struct slice platform = locked.lock.parts.at[i].platform;
		bool is_there = false;

		for (size_t k = 0; k < recipe->arch_count; k++) {
			auto_buf struct buf name = { 0 };

			buf_fmt(&name, "linux/%s", recipe->archs[k]->oci);
			is_there |= slice_same(platform, buf_slice(&name));
		}
		if (!is_there)
			buf_fmt(out,
				"%s  %.*s  is gone: the recipe is not for it\n",
				locked.policy_name, SLICE_ARGS(platform));
	}
	locked_close(&locked);
	return result;
}

static int lock(struct build *build, struct err *err)
{
	const struct recipe *recipe = build->recipe;
	auto_buf struct buf said = { 0 };
	struct automatic automatics[RECIPE_PLATFORMS_MAX] = { 0 };
	struct locked_now nows[RECIPE_PLATFORMS_MAX];
	int result = 0;

	for (size_t i = 0; result == 0 && i < recipe->arch_count; i++) {
		result = derive(&automatics[i], &said, build, i, err);
		nows[i] = (struct locked_now){ &automatics[i],
					       recipe->filter.status };
	}
	if (result == 0)
		result = print_gone(&said, recipe, err);
	if (result == 0)
		result = locked_write(recipe->file, nows, recipe->arch_count,
				      err);
	if (result == 0)
		fputs(said.at, stdout);
	for (size_t i = 0; i < recipe->arch_count; i++)
		automatic_free(&automatics[i]);
	return result;
}

static int update(const char *file, const struct init_files *init,
		  struct err *err)
{
	struct recipe recipe;
	struct build build = { .recipe = &recipe, .init = *init };
	auto_free char *text = NULL;
	size_t len;

	if (io_load(&text, &len, file, RECIPE_MAX, err) < 0 ||
	    recipe_parse(&recipe, text, len, file, err) < 0)
		return -1;
	int result = locked_check(file, err);

	if (result == 0)
		result = lock(&build, err);

	build_free(&build);
	recipe_free(&recipe);
	return result;
}

int cmd_update(int argc, char **argv, struct err *err)
{
	const struct args args = { "update", argc, argv, ":", update_options };
	struct init_files init = { .count = 0 };
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		if (args_init(&init, &args, err) < 0)
			return TOOL_USAGE;
	if (got < 0)
		return got;
	if (optind == argc)
		return args_usage(err, "update", "NAME.pith", "missing");
	if (optind + 1 < argc)
		return args_usage(err, "update", argv[optind + 1],
				  "one recipe at a time");
	return update(argv[optind], &init, err);
}
