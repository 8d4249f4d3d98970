#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/libraries_work.h"

/* A file that the user names. */
static int load_path(struct libraries *libraries, const char *path,
		     struct err *err)
{
	char *real = io_real_path(path);

	if (!real)
		return err_set(err, errno, "%s", path);
	if (libraries_load(libraries, path, path, NULL, NULL, err) < 0) {
		free(real);
		return -1;
	}
	struct library *file = &libraries->files.at[libraries->files.count - 1];

	file->real = real;
	file->is_given = true;
	file->place = mem_text(slice_from(real));
	return 0;
}

static void mark_late(struct libraries *libraries, size_t from)
{
	for (size_t i = from; i < libraries->files.count; i++)
		libraries->files.at[i].is_late = true;
}

int libraries_add(struct libraries *libraries, const char *name,
		  const char *who, struct err *err)
{
	size_t before = libraries->files.count;
	int result = strchr(name, '/') && !libraries_have(libraries, name)
			     ? load_path(libraries, name, err)
			     : libraries_load_needed(libraries, 0, who, name,
						     err);

	if (result < 0 || libraries_load_all(libraries, before, err) < 0)
		return -1;
	if (libraries->files.count > before)
		libraries->files.at[before].is_whole = true;
	mark_late(libraries, before);
	return 0;
}

void libraries_take_back(struct libraries *libraries, size_t before)
{
	while (libraries->files.count > before)
		libraries_free_file(
			&libraries->files.at[--libraries->files.count]);
}

/* It may be there for another reason; *is_news: not as whole as this time. */
static void mark_whole(bool *is_news, struct libraries *libraries,
		       const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash + 1 : name;

	for (size_t i = 0; i < libraries->files.count; i++) {
		struct library *file = &libraries->files.at[i];

		if (strcmp(file->path, name) != 0 &&
		    strcmp(file->name, last) != 0 &&
		    (!file->soname || strcmp(file->soname, last) != 0))
			continue;
		*is_news |= !file->is_whole;
		file->is_whole = true;
	}
}

int libraries_try(bool *is_news, struct libraries *libraries, size_t by,
		  const char *name, bool is_whole, struct err *err)
{
	auto_free char *who = mem_text(
		slice_from(libraries->files.at[by].file));
	size_t before = libraries->files.count;

	libraries->is_missing = false;
	if (libraries_load_needed(libraries, by, who, name, err) < 0 ||
	    libraries_load_all(libraries, before, err) < 0) {
		/* What lacks one of its own cannot be opened. */
		libraries_take_back(libraries, before);
		return libraries->is_missing ? 0 : -1;
	}
	*is_news |= libraries->files.count > before;
	if (is_whole && libraries->files.count > before)
		libraries->files.at[before].is_whole = true;
	else if (is_whole)
		mark_whole(is_news, libraries, name);
	mark_late(libraries, before);
	return 1;
}

const struct sum *library_sum(struct library *file)
{
	if (!*file->sum.text)
		file->sum = sum_of(file->bytes);
	return &file->sum;
}
