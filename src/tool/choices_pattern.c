#include "tool/choices_pattern.h"

#include <fnmatch.h>
#include <string.h>

#include "base/scope.h"
#include "seccomp/known.h"

static int see_dir(const struct choices_work *work, const char *dir,
		   const char *pattern)
{
	struct root_paths paths;
	int result = view_list(&paths, work->libraries->request.view, dir,
			       work->err);

	for (size_t i = 0; result == 0 && i < paths.paths.count; i++) {
		const char *name = strrchr(paths.paths.at[i], '/') + 1;

		/* By its name: the loader may find another one first. */
		if (fnmatch(pattern, name, 0) == 0)
			result = choices_try(work, name, true);
	}
	root_free_paths(&paths);
	return result;
}

static int see_dirs(const struct choices_work *work, struct slice dirs,
		    const char *pattern)
{
	struct slice dir;

	while (slice_cut(&dir, &dirs, ':')) {
		auto_free char *path = mem_text(dir);

		/* $ORIGIN, $LIB, or the working directory. */
		if (*path != '/' || strchr(path, '$'))
			work->choice->is_partial = true;
		else if (see_dir(work, path, pattern) < 0)
			return -1;
	}
	return 0;
}

/* In the directories that a file and those who asked for it name. */
static int see_chain(const struct choices_work *work, const char *pattern)
{
	size_t i = work->choice->by;

	for (;;) {
		const struct library *file = &work->libraries->files.at[i];
		struct slice rpath = file->elf.rpath;
		struct slice runpath = file->elf.runpath;
		size_t by = file->by;

		if (see_dirs(work, rpath, pattern) < 0 ||
		    see_dirs(work, runpath, pattern) < 0)
			return -1;
		if (by == i)
			return 0;
		i = by;
	}
}

static int see_list(const struct choices_work *work,
		    const struct search_dir *dirs, size_t count,
		    const char *pattern)
{
	for (size_t i = 0; i < count; i++)
		if (see_dir(work, dirs[i].path, pattern) < 0)
			return -1;
	return 0;
}

int choices_see_pattern(const struct choices_work *work)
{
	const struct search *search = &work->libraries->search;
	const char *pattern = work->choice->known->names;

	if (!work->libraries->is_searching) {
		work->choice->is_partial = true;
		return 0;
	}
	if (see_chain(work, pattern) < 0 ||
	    see_list(work, search->conf.at, search->conf.count, pattern) < 0)
		return -1;
	return see_list(work, search->defaults.at, search->defaults.count,
			pattern);
}
