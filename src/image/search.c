#include "image/search.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/libraries.h"
#include "image/plan.h"
#include "image/search_dirs.h"

/* Who asks: its file, and whose directories are being searched for it. */
struct asked {
	const struct search *search;
	const struct library *owner; /* of the directories */
	const char *name;
};

/* Whether a file there can serve: other machines' are passed over. */
static bool is_ours(const struct search *search, const char *file)
{
	auto_fd int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unsigned char header[20];

	return fd >= 0 &&
	       io_read(fd, header, sizeof(header)) == sizeof(header) &&
	       memcmp(header, ELFMAG, SELFMAG) == 0 &&
	       header[EI_CLASS] == search->bits &&
	       header[EI_DATA] == ELFDATA2LSB &&
	       (header[18] | header[19] << 8) == search->machine;
}

/* The path that was asked for, as the view has it. */
static int try_path(struct found *out, const struct asked *asked,
		    const struct view *view, struct err *err)
{
	view_file_free(&out->at);
	int got = view_find(&out->at, view, out->asked.at, err);

	if (got <= 0)
		return got;
	if (!out->at.file.len || !is_ours(asked->search, out->at.file.at))
		return 0;
	out->file.len = 0;
	buf_text(&out->file, out->at.file.at);
	return 1;
}

/*
 * A file that is copied from elsewhere has beside it there what the image is
 * to have beside it here.
 */
static int try_beside(struct found *out, const struct asked *asked,
		      struct slice dir, struct err *err)
{
	const struct view *view = asked->search->view;
	struct view there = { .root = &asked->search->host };
	auto_buf struct buf path = { 0 };
	auto_view_file struct view_file file = { 0 };
	const char *beside = root_inside(view->root, asked->owner->real);

	if (beside)
		there.root = view->root;
	search_expand(&path, asked->search, dir,
		      beside ? beside : asked->owner->real);
	buf_fmt(&path, "/%s", asked->name);
	int got = view_find(&file, &there, path.at, err);

	if (got <= 0 || !is_ours(asked->search, file.file.at))
		return got < 0 ? -1 : 0;
	out->file.len = 0;
	buf_text(&out->file, file.file.at);
	view_file_free(&out->at);
	if (view_find(&out->at, view, out->asked.at, err) < 0)
		return -1;
	out->at.planned = NULL;
	out->at.st = file.st;
	return 1;
}

/*
 * $ORIGIN of a program is where /proc/self/exe leads; of a library where it
 * was found (elf/dl-origin.c, elf/dl-object.c).
 */
static const char *origin(const struct library *file)
{
	return file->is_given ? file->place : file->path;
}

static int try_dir(struct found *out, const struct asked *asked,
		   struct slice dir, struct err *err)
{
	struct view view = *asked->search->view;
	bool is_beside = asked->owner && asked->owner->is_foreign &&
			 search_has_origin(dir);

	out->asked.len = 0;
	search_expand(&out->asked, asked->search, dir,
		      asked->owner ? origin(asked->owner) : "/");
	/* Anything else would depend on the directory of who starts it. */
	if (!out->asked.len || out->asked.at[0] != '/')
		return 0;
	buf_fmt(&out->asked, "/%s", asked->name);
	view.is_plan_only |= is_beside;
	int got = try_path(out, asked, &view, err);

	if (got == 0 && is_beside && !asked->search->view->is_plan_only)
		return try_beside(out, asked, dir, err);
	return got;
}

static int try_list(struct found *out, struct asked *asked,
		    const struct library *owner, struct slice dirs,
		    struct err *err)
{
	struct slice dir;
	int got = 0;

	asked->owner = owner;
	while (got == 0 && slice_cut(&dir, &dirs, ':'))
		got = try_dir(out, asked, dir, err);
	return got;
}

/* What the file names and, where that is handed down, who asked for it. */
static int try_chain(struct found *out, struct asked *asked,
		     const struct libraries *libraries, size_t by,
		     struct err *err)
{
	const struct library *files = libraries->files.at;
	int got = 0;

	for (size_t i = by; got == 0; i = files[i].by) {
		got = try_list(out, asked, &files[i], files[i].elf.rpath, err);
		if (got == 0 && asked->search->is_musl)
			got = try_list(out, asked, &files[i],
				       files[i].elf.runpath, err);
		if (files[i].by == i)
			break;
	}
	return got;
}

/* RUNPATH is the file's own and turns off the RPATH of all who asked. */
static int try_own(struct found *out, struct asked *asked,
		   const struct libraries *libraries, size_t by,
		   struct err *err)
{
	const struct library *file = &libraries->files.at[by];

	if (asked->search->is_musl || !file->elf.runpath.len)
		return try_chain(out, asked, libraries, by, err);
	return try_list(out, asked, file, file->elf.runpath, err);
}

static int try_usual(struct found *out, struct asked *asked, bool no_defaults,
		     struct err *err)
{
	const struct search *search = asked->search;
	int got = 0;

	asked->owner = NULL;
	for (size_t i = 0; i < search->conf.count && got == 0; i++) {
		const struct search_dir *dir = &search->conf.at[i];

		if (dir->is_default && no_defaults)
			continue;
		got = try_dir(out, asked, slice_from(dir->path), err);
		out->is_from_conf = got > 0 && !dir->is_default;
	}
	for (size_t i = 0; i < search->defaults.count && got == 0; i++)
		if (!no_defaults)
			got = try_dir(out, asked,
				      slice_from(search->defaults.at[i].path),
				      err);
	return got;
}

/* A name with a slash is a path. */
static int try_exact(struct found *out, struct asked *asked,
		     const struct library *by, struct err *err)
{
	const char *slash = strrchr(asked->name, '/');
	struct slice dir = { asked->name, (size_t)(slash - asked->name) };

	asked->owner = by;
	asked->name = slash + 1;
	return try_dir(out, asked, dir.len ? dir : SLICE("/"), err);
}

int search_find(struct found *out, const struct libraries *libraries, size_t by,
		const char *name, struct err *err)
{
	const struct library *file = &libraries->files.at[by];
	struct asked asked = { .search = &libraries->search, .name = name };

	*out = (struct found){ 0 };
	if (strchr(name, '/'))
		return try_exact(out, &asked, file, err);
	int got = try_own(out, &asked, libraries, by, err);

	if (got == 0)
		got = try_usual(out, &asked, file->elf.no_default_dirs, err);
	return got;
}

void found_free(struct found *found)
{
	buf_free(&found->asked);
	buf_free(&found->file);
	view_file_free(&found->at);
}
