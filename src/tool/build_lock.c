/* Holding a build against what is locked beside its recipe. */
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "base/err.h"
#include "image/recipe.h"
#include "tool/build.h"
#include "tool/locked.h"
#include "tool/packages.h"

static void print_lines(const struct buf *text)
{
	struct slice line, rest = buf_slice(text);

	while (slice_cut(&line, &rest, '\n'))
		printf("  %.*s\n", SLICE_ARGS(line));
}

/* Of several platforms each has a heading. */
static void print_platform(const struct build *build, const char *what)
{
	const struct recipe *recipe = build->recipe;

	if (recipe->arch_count > 1)
		printf("linux/%s: %s\n", recipe->arch->oci, what);
}

static int refuse_calls(const struct locked *locked, const struct build *build,
			size_t count, struct err *err)
{
	const char *file = build->recipe->file;
	auto_buf struct buf text = { 0 };

	if (locked_print_why(&text, locked, &build->automatic, err) < 0)
		return -1;
	err_set(err, 0, "%zu calls more than %s has", count,
		locked->policy_name);
	print_platform(build, err->text);
	print_lines(&text);
	return err_set(err, 0,
		       "%s: --locked: %zu calls more than %s has (above); "
		       "pith update %s accepts them",
		       file, count, locked->policy_name, file);
}

static int refuse(const struct locked *locked, const struct build *build,
		  struct err *err)
{
	const struct automatic *automatic = &build->automatic;
	size_t count = locked_count_new(locked, automatic);
	auto_buf struct buf text = { 0 };

	if (count)
		return refuse_calls(locked, build, count, err);
	automatic_print_open(&text, automatic);
	err_set(err, 0,
		"%s: --locked: it was %.*s, and %zu places are open now, the "
		"first: %s",
		build->recipe->file, SLICE_ARGS(locked->part->status),
		automatic->open_count, text.at);
	print_platform(build, err->text);
	return -1;
}

static int compare(const struct locked *locked, struct build *build,
		   struct err *err)
{
	const struct automatic *automatic = &build->automatic;
	bool is_opened = automatic->open_count &&
			 !slice_has_prefix(locked->part->status, "open");
	bool has_several = build->recipe->arch_count > 1;
	auto_buf struct buf text = { 0 };
	struct slice line, rest;

	if (build->is_locked &&
	    (is_opened || locked_count_new(locked, automatic)))
		return refuse(locked, build, err);
	locked_print_diff(&text, locked, automatic,
			  build->recipe->filter.status);
	if (!text.len)
		return 0;
	buf_fmt(&build->notes,
		"%s is of before%s%s; pith update %s brings it up to date:\n",
		locked->lock_name, has_several ? " for linux/" : "",
		has_several ? build->recipe->arch->oci : "",
		build->recipe->file);
	rest = buf_slice(&text);
	while (slice_cut(&line, &rest, '\n'))
		buf_fmt(&build->notes, "  %.*s\n", SLICE_ARGS(line));
	return 0;
}

/* A lock, or this platform's part of one. */
static int lacks(const struct locked *locked, struct build *build,
		 struct err *err)
{
	const struct recipe *recipe = build->recipe;

	if (!locked->text && build->is_locked)
		return err_set(err, 0, "%s: not there; pith update %s makes it",
			       locked->lock_name, recipe->file);
	if (build->is_locked) {
		err_set(err, 0,
			"%s: nothing of linux/%s; pith update %s adds it",
			locked->lock_name, recipe->arch->oci, recipe->file);
		print_platform(build, err->text);
		return -1;
	}
	if (locked->text)
		buf_fmt(&build->notes,
			"%s: nothing of linux/%s; pith update %s adds it\n",
			locked->lock_name, recipe->arch->oci, recipe->file);
	return 0;
}

/* The others are looked at, too: who has to look has to look once. */
static int go_on(struct build *build, struct err *err)
{
	const struct recipe *recipe = build->recipe;

	if (!build->is_locked || recipe->arch_count == 1)
		return -1;
	err_wrap(err, "linux/%s", recipe->arch->oci);
	if (!build->refused_count++)
		build->refusal = *err;
	return 0;
}

int build_end_lock(const struct build *build, struct err *err)
{
	const struct recipe *recipe = build->recipe;

	if (!build->refused_count)
		return 0;
	if (build->refused_count > 1)
		return err_set(
			err, 0,
			"%s: --locked: %zu of %zu platforms have changed "
			"(above); pith update %s accepts that",
			recipe->file, build->refused_count, recipe->arch_count,
			recipe->file);
	*err = build->refusal;
	return -1;
}

int build_check_lock(struct build *build, struct err *err)
{
	const char *file = build->recipe->file;
	struct locked locked;

	if (!file)
		return 0;
	if (!build->automatic.programs) {
		/* So for every platform, and said for the first. */
		if (build->is_locked &&
		    build->recipe->arch == build->recipe->archs[0])
			buf_text(&build->notes,
				 "--locked: without SystemCallFilter=auto "
				 "nothing is derived, and nothing locked\n");
		return 0;
	}
	int result = locked_open(&locked, file, build->recipe->arch, err);

	if (result == 0 && locked.part &&
	    locked_is_changed(&locked, &build->automatic))
		packages_add(build->automatic.programs, build->recipe);
	if (result == 0) {
		result = locked.part ? compare(&locked, build, err)
				     : lacks(&locked, build, err);
		if (result < 0 && locked.text)
			result = go_on(build, err);
	}
	locked_close(&locked);
	return result;
}
