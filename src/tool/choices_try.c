#include "tool/choices_try.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "seccomp/inert.h"
#include "seccomp/known.h"

enum { CONF_MAX = 1 << 20, FILE_MAX_LEN = 64 << 20, NAMES_MAX = 256 };

int choices_read(struct buf *out, const struct choices_work *work,
		 const char *path)
{
	int got = view_load(out, work->libraries->request.view, path, CONF_MAX,
			    work->err);

	if (got > 0 && !work->choice->read) {
		work->choice->read = mem_text(slice_from(path));
		work->choice->read_sum = sum_of(buf_slice(out));
	}
	return got < 0 ? -1 : 0;
}

int choices_each(const struct choices_work *work, const char *dir,
		 const char *ending,
		 int (*visit)(const struct choices_work *work,
			      const char *path))
{
	struct root_paths paths;
	int result = view_list(&paths, work->libraries->request.view, dir,
			       work->err);

	for (size_t i = 0; result == 0 && i < paths.paths.count; i++) {
		const char *path = paths.paths.at[i];
		size_t len = strlen(path), end = strlen(ending);

		if (len >= end && strcmp(path + len - end, ending) == 0)
			result = visit(work, path);
	}
	root_free_paths(&paths);
	return result;
}

static bool has(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

int choices_try(const struct choices_work *work, const char *name,
		bool is_whole)
{
	struct choice *choice = work->choice;
	int got;

	if (has(choice->found.at, choice->found.count, name) ||
	    has(choice->absent.at, choice->absent.count, name))
		return 0;
	if (choice->found.count + choice->absent.count == NAMES_MAX)
		return err_set(work->err, 0, "%s: more than %d libraries",
			       choice->name, NAMES_MAX);
	got = libraries_try(work->is_news, work->libraries, choice->by, name,
			    is_whole, work->err);
	if (got > 0)
		LIST_ADD(&choice->found, mem_text(slice_from(name)));
	else if (got == 0)
		LIST_ADD(&choice->absent, mem_text(slice_from(name)));
	return got < 0 ? -1 : 0;
}

/* A directory's files that may be libraries, some of which are inert. */
struct batch {
	struct root_paths paths;
	struct buf *bytes;   /* as many */
	struct slice *files; /* of these; empty: none that counts */
	bool *is_inert;
};

static void free_batch(struct batch *batch)
{
	for (size_t i = 0; i < batch->paths.paths.count && batch->bytes; i++)
		buf_free(&batch->bytes[i]);
	free(batch->bytes);
	free(batch->files);
	free(batch->is_inert);
	root_free_paths(&batch->paths);
}

static int load_batch(struct batch *batch, const struct choices_work *work)
{
	const struct view *view = work->libraries->request.view;
	size_t count = batch->paths.paths.count;

	batch->bytes = mem_new(count + 1, sizeof(*batch->bytes));
	batch->files = mem_new(count + 1, sizeof(*batch->files));
	batch->is_inert = mem_new(count + 1, sizeof(*batch->is_inert));
	for (size_t i = 0; i < count; i++) {
		if (view_load(&batch->bytes[i], view, batch->paths.paths.at[i],
			      FILE_MAX_LEN, work->err) < 0)
			return -1;
		if (slice_has_prefix(buf_slice(&batch->bytes[i]), ELFMAG))
			batch->files[i] = buf_slice(&batch->bytes[i]);
		else
			buf_free(&batch->bytes[i]);
	}
	return 0;
}

/* An inert library may need no other than libc and its like in the batch. */
static bool needs_others(const struct batch *batch, struct slice file,
			 const struct libraries *libraries)
{
	struct elf elf;
	struct err ignored;

	if (elf_parse(&elf, file, &ignored) < 0)
		return true;
	for (size_t i = 0; i < elf.needed_count; i++) {
		auto_free char *name = mem_text(elf.needed[i]);
		bool is_here = libraries_have(libraries, name);

		for (size_t n = 0; n < batch->paths.paths.count; n++) {
			const char *path = batch->paths.paths.at[n];

			is_here |= strcmp(strrchr(path, '/') + 1, name) == 0;
		}
		if (!is_here)
			return true;
	}
	return false;
}

static void add_sum(struct buf *out, const char *path, struct slice file)
{
	struct sum sum = sum_of(file);

	buf_fmt(out, "%s %s\n", sum.text, path);
}

/* Those that are not inert are analysed with all others. */
static int take_batch(const struct batch *batch,
		      const struct choices_work *work)
{
	struct choice *choice = work->choice;
	auto_buf struct buf sums = { 0 };

	for (size_t i = 0; i < batch->paths.paths.count; i++) {
		const char *path = batch->paths.paths.at[i];
		struct slice file = batch->files[i];

		if (!file.len)
			continue;
		if (batch->is_inert[i] &&
		    !needs_others(batch, file, work->libraries)) {
			choice->inert_count++;
			add_sum(&sums, path, file);
		} else if (choices_try(work, path, true) < 0) {
			return -1;
		}
	}
	choice->inert = sum_of(buf_slice(&sums));
	if (!choice->inert_at)
		choice->inert_at = mem_text(slice_from(choice->name));
	return 0;
}

/* inert_find() beside the first count files of the program. */
static void find_inert(bool *is_inert, const struct slice *files, size_t count,
		       const struct choices_work *work, size_t other_count)
{
	auto_free struct slice *others = mem_new(other_count + 1,
						 sizeof(*others));

	for (size_t i = 0; i < other_count; i++)
		others[i] = work->libraries->files.at[i].bytes;
	inert_find(is_inert, files, count, work->choice->known->calls, others,
		   other_count);
}

static int see_batch(struct batch *batch, const struct choices_work *work)
{
	if (load_batch(batch, work) < 0)
		return -1;
	find_inert(batch->is_inert, batch->files, batch->paths.paths.count,
		   work, work->libraries->files.count);
	return take_batch(batch, work);
}

int choices_try_directory(const struct choices_work *work, const char *path)
{
	struct batch batch = { .files = NULL };
	int result = view_list(&batch.paths, work->libraries->request.view,
			       path, work->err);

	if (result == 0)
		result = see_batch(&batch, work);
	free_batch(&batch);
	return result;
}

void choices_drop_inert(const struct choices_work *work, size_t before)
{
	struct libraries *libraries = work->libraries;
	struct choice *choice = work->choice;
	auto_buf struct buf sums = { 0 };
	bool is_inert = false;

	if (libraries->files.count != before + 1)
		return;
	const struct library *file = &libraries->files.at[before];

	find_inert(&is_inert, &file->bytes, 1, work, before);
	if (!is_inert)
		return;
	add_sum(&sums, file->path, file->bytes);
	choice->inert = sum_of(buf_slice(&sums));
	choice->inert_at = mem_text(slice_from(file->path));
	choice->inert_count = 1;
	while (choice->found.count)
		free(choice->found.at[--choice->found.count]);
	libraries_take_back(libraries, before);
}
