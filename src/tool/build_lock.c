/* Holding a build against what is locked beside its recipe. */
#include <stdio.h>
#include <string.h>

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

static int refuse(const struct locked *locked, const struct build *build,
		  struct err *err)
{
	const struct automatic *automatic = &build->automatic;
	size_t count = locked_count_new(locked, automatic);
	const char *file = build->recipe->file;
	auto_buf struct buf text = { 0 };

	if (locked_print_why(&text, locked, automatic, err) < 0)
		return -1;
	if (count) {
		print_lines(&text);
		return err_set(err, 0,
			       "%s: --locked: %zu calls more than %s has "
			       "(above); pith update %s accepts them",
			       file, count, locked->policy_name, file);
	}
	automatic_print_open(&text, automatic);
	return err_set(err, 0,
		       "%s: --locked: it was %.*s, and %zu places are open "
		       "now, the first: %s",
		       file, SLICE_ARGS(locked->lock.status),
		       automatic->open_count, text.at);
}

static int compare(const struct locked *locked, struct build *build,
		   struct err *err)
{
	const struct automatic *automatic = &build->automatic;
	bool is_opened = automatic->open_count &&
			 !slice_has_prefix(locked->lock.status, "open");
	auto_buf struct buf text = { 0 };
	struct slice line, rest;

	if (build->is_locked &&
	    (is_opened || locked_count_new(locked, automatic)))
		return refuse(locked, build, err);
	locked_print_diff(&text, locked, automatic,
			  build->recipe->filter_status);
	if (!text.len)
		return 0;
	buf_fmt(&build->notes,
		"%s is of before; pith update %s brings it up to date:\n",
		locked->lock_name, build->recipe->file);
	rest = buf_slice(&text);
	while (slice_cut(&line, &rest, '\n'))
		buf_fmt(&build->notes, "  %.*s\n", SLICE_ARGS(line));
	return 0;
}

int build_check_lock(struct build *build, struct err *err)
{
	const char *file = build->recipe->file;
	struct locked locked;
	int result;

	if (!file)
		return 0;
	if (!build->automatic.programs) {
		if (build->is_locked)
			buf_text(&build->notes,
				 "--locked: without SystemCallFilter=auto "
				 "nothing is derived, and nothing locked\n");
		return 0;
	}
	result = locked_open(&locked, file, err);
	if (result == 0 && locked.is_there &&
	    locked_is_changed(&locked, &build->automatic))
		packages_add(build->automatic.programs, build->recipe);
	if (result == 0 && locked.is_there)
		result = compare(&locked, build, err);
	else if (result == 0 && build->is_locked)
		result = err_set(err, 0,
				 "%s: not there; pith update %s makes it",
				 locked.lock_name, file);
	locked_close(&locked);
	return result;
}
