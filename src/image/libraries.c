#include "image/libraries.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/loader.h"
#include "image/libraries_work.h"
#include "image/name.h"
#include "image/plan.h"

enum { LIBRARIES_MAX = 512 };

/*
 * What the plan has is read here, and once more for the image: both times it
 * must be the file that was planned, or a filter would be for other bytes.
 */
static int map_file(struct library *out, const char *path,
		    const struct plan_entry *planned, struct err *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode) || !st.st_size)
		return err_set(err, 0, "%s: no regular file, or empty", path);
	if (planned && plan_check_file(planned, &st, err) < 0)
		return -1;
	void *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
			 0);

	if (map == MAP_FAILED)
		return err_set(err, errno, "%s", path);
	out->bytes = (struct slice){ map, (size_t)st.st_size };
	out->device = st.st_dev;
	out->inode = st.st_ino;
	return 0;
}

void libraries_free_file(struct library *file)
{
	if (file->bytes.len)
		munmap((void *)(uintptr_t)file->bytes.at, file->bytes.len);
	free(file->path);
	free(file->file);
	free(file->real);
	free(file->soname);
	free(file->place);
}

bool libraries_have(const struct libraries *libraries, const char *name)
{
	for (size_t i = 0; i < libraries->files.count; i++) {
		const struct library *file = &libraries->files.at[i];

		if (strcmp(file->name, name) == 0 ||
		    (file->soname && strcmp(file->soname, name) == 0))
			return true;
	}
	return false;
}

/*
 * Add the file that the loader finds at path; name is what it was asked for
 * by, or NULL for the program; planned is what the plan has there, or NULL.
 */
int libraries_load(struct libraries *libraries, const char *path,
		   const char *host, const char *name,
		   const struct plan_entry *planned, struct err *err)
{
	struct library file = { 0 };

	if (libraries->files.count == LIBRARIES_MAX)
		return err_set(err, 0, "%s: more than %d libraries", path,
			       LIBRARIES_MAX);
	if (map_file(&file, host, planned, err) < 0)
		return -1;
	if (elf_parse(&file.elf, file.bytes, err) < 0) {
		libraries_free_file(&file);
		return err_wrap(err, "%s", host);
	}
	file.path = mem_text(slice_from(path));
	file.file = mem_text(slice_from(host));
	file.soname = file.elf.soname.len ? mem_text(file.elf.soname) : NULL;
	file.name = file.soname ? file.soname : file.path;
	if (name && !file.soname)
		file.name = file.soname = mem_text(slice_from(name));
	LIST_ADD(&libraries->files, file);
	return 0;
}

static void take_links(struct libraries *libraries, struct view_file *file)
{
	for (size_t i = 0; i < file->links.count; i++)
		LIST_ADD(&libraries->links, file->links.at[i]);
	file->links.count = 0;
}

/*
 * Without a cache only the default directories are searched, so what was
 * found by ld.so.conf gets a link in the first of them.
 */
static int link_default(struct libraries *libraries, const struct found *found,
			struct err *err)
{
	const struct search *search = &libraries->search;
	const char *slash = strrchr(found->asked.at, '/');
	auto_view_file struct view_file dir = { 0 };

	if (view_find(&dir, search->view, search->defaults.at[0].path, err) < 0)
		return -1;
	take_links(libraries, &dir);
	buf_text(&dir.path, slash);
	LIST_ADD(&libraries->links,
		 (struct view_link){ mem_text(buf_slice(&dir.path)),
				     mem_text(buf_slice(&found->asked)) });
	return 0;
}

/* The one that is this very file, whatever its name; else NULL. */
static struct library *same_file(struct libraries *libraries,
				 const struct found *found)
{
	struct stat st;

	if (stat(found->file.at, &st) < 0)
		return NULL;
	for (size_t i = 0; i < libraries->files.count; i++) {
		struct library *file = &libraries->files.at[i];

		if (file->inode == st.st_ino && file->device == st.st_dev)
			return file;
	}
	return NULL;
}

static bool is_foreign(const struct libraries *libraries,
		       const struct library *file)
{
	const char *inside = root_inside(libraries->request.view->root,
					 file->real);

	return !inside || strcmp(inside, file->place) != 0;
}

static int load_found(struct libraries *libraries, struct found *found,
		      size_t by, const char *name, struct err *err)
{
	take_links(libraries, &found->at);
	if (found->is_from_conf && link_default(libraries, found, err) < 0)
		return -1;
	if (same_file(libraries, found))
		return 0;
	if (libraries_load(libraries, found->asked.at, found->file.at, name,
			   found->at.planned, err) < 0)
		return -1;
	struct library *file = &libraries->files.at[libraries->files.count - 1];

	file->by = by;
	file->is_planned = found->at.planned;
	file->place = mem_text(buf_slice(&found->at.path));
	file->real = mem_text(buf_slice(&found->file));
	file->is_foreign = is_foreign(libraries, file);
	return 0;
}

static int not_found(struct libraries *libraries, const char *who,
		     const char *what, const char *name, struct err *err)
{
	const struct root *root = libraries->request.view->root;

	libraries->is_missing = true;
	if (root_is_host(root))
		return err_set(err, 0, "%s: needs %s%s, which is not here", who,
			       what, name);
	return err_set(err, 0, "%s: needs %s%s, which is not in %s", who, what,
		       name, root->path);
}

/* The interpreter, which is a path and no matter of searching. */
static int find_loader(struct libraries *libraries, const char *path,
		       struct err *err)
{
	struct found *out = &libraries->loader_found;

	buf_text(&out->asked, path);
	int got = view_find(&out->at, libraries->request.view, path, err);

	if (got > 0 && out->at.file.len)
		buf_text(&out->file, out->at.file.at);
	return got < 0 ? -1 : 0;
}

/* Not before somebody asks: a static program costs nothing. */
static int open_search(struct libraries *out, struct err *err)
{
	const struct elf *elf = &out->files.at[0].elf;
	struct library loader = { .bytes = { "", 0 } };
	const char *path = out->loader ? out->loader : out->request.loader;

	if (out->is_searching)
		return 0;
	out->is_searching = true;
	if (path && find_loader(out, path, err) < 0)
		return -1;
	if (out->loader_found.file.len &&
	    map_file(&loader, out->loader_found.file.at,
		     out->loader_found.at.planned, err) < 0)
		return -1;
	int result = search_open(&out->search, out->request.view, elf,
				 slice_from(path ? path : ""), loader.bytes,
				 err);

	libraries_free_file(&loader);
	return result;
}

static int load_loader(struct libraries *libraries, size_t by, struct err *err)
{
	struct found *found = &libraries->loader_found;

	if (open_search(libraries, err) < 0)
		return -1;
	if (!found->file.len)
		return not_found(libraries, libraries->files.at[by].file,
				 "the loader ", found->asked.at, err);
	return load_found(libraries, found, by, name_base(found->asked.at),
			  err);
}

/* Who is there before all others, and for musl is libc by any of its names. */
static bool is_loader(const struct libraries *libraries, const char *name)
{
	if (libraries->search.is_musl && loader_is_musl_libc(name))
		return true;
	return libraries->loader_found.file.len &&
	       strcmp(name_base(libraries->loader_found.asked.at), name) == 0;
}

int libraries_load_needed(struct libraries *libraries, size_t by,
			  const char *who, const char *name, struct err *err)
{
	auto_found struct found found = { 0 };

	if (libraries_have(libraries, name))
		return 0;
	if (open_search(libraries, err) < 0)
		return -1;
	if (is_loader(libraries, name))
		return load_loader(libraries, by, err);
	int got = search_find(&found, libraries, by, name, err);

	if (got < 0)
		return err_wrap(err, "%s", who);
	if (got == 0)
		return not_found(libraries, who, "", name, err);
	return load_found(libraries, &found, by, name, err);
}

int libraries_load_all(struct libraries *libraries, size_t from,
		       struct err *err)
{
	for (size_t i = from; i < libraries->files.count; i++) {
		for (size_t n = 0; n < libraries->files.at[i].elf.needed_count;
		     n++) {
			auto_free char *name = mem_text(
				libraries->files.at[i].elf.needed[n]);

			auto_free char *who = mem_text(
				slice_from(libraries->files.at[i].file));

			if (libraries_load_needed(libraries, i, who, name,
						  err) < 0)
				return -1;
		}
	}
	return 0;
}

/* Last in the scope, unless a library has asked for it already. */
static int end_with_loader(struct libraries *libraries, struct err *err)
{
	struct library *file;

	if (load_loader(libraries, 0, err) < 0)
		return -1;
	file = same_file(libraries, &libraries->loader_found);
	if (file)
		file->is_loader = true;
	return 0;
}

static int open_program(struct libraries *out,
			const struct libraries_request *request,
			struct err *err)
{
	auto_free char *real = io_real_path(request->file);
	const char *path = request->path ? request->path : request->file;
	const char *place = request->path ? request->path : real;
	auto_view_file struct view_file found = { 0 };

	if (!real)
		return err_set(err, errno, "%s", request->file);
	/* Its path may be a link: $ORIGIN is where /proc/self/exe leads. */
	if (request->path && request->view->plan) {
		int got = view_find(&found, request->view, path, err);

		if (got < 0)
			return -1;
		place = got ? found.path.at : place;
	}
	if (libraries_load(out, path, request->file, NULL, found.planned, err) <
	    0)
		return -1;
	struct library *program = &out->files.at[0];

	program->place = mem_text(slice_from(place));
	program->real = steal_ptr(&real);
	program->is_given = true;
	program->is_planned = true;
	if (program->elf.interpreter.len)
		out->loader = mem_text(program->elf.interpreter);
	program->is_foreign = is_foreign(out, program);
	if (libraries_load_all(out, 0, err) < 0)
		return -1;
	return out->loader ? end_with_loader(out, err) : 0;
}

/* The caller's may go while something is still looked for. */
static int keep_view(struct libraries *libraries, struct err *err)
{
	const struct view *view = libraries->request.view;
	struct libraries_kept *kept = mem_new(1, sizeof(*kept));

	kept->view = *view;
	kept->view.root = &kept->root;
	kept->root.fd = -1;
	libraries->kept = kept;
	libraries->request.view = &kept->view;
	return root_copy(&kept->root, view->root, err);
}

int libraries_open(struct libraries *out,
		   const struct libraries_request *request, struct err *err)
{
	*out = (struct libraries){ .request = *request };
	if (keep_view(out, err) == 0 && open_program(out, request, err) == 0)
		return 0;
	libraries_close(out);
	return -1;
}

void libraries_close(struct libraries *libraries)
{
	for (size_t i = 0; i < libraries->files.count; i++)
		libraries_free_file(&libraries->files.at[i]);
	for (size_t i = 0; i < libraries->links.count; i++) {
		free(libraries->links.at[i].path);
		free(libraries->links.at[i].target);
	}
	free(libraries->files.at);
	free(libraries->links.at);
	free(libraries->loader);
	found_free(&libraries->loader_found);
	search_close(&libraries->search);
	if (libraries->kept)
		root_close(&libraries->kept->root);
	free(libraries->kept);
	if (libraries->release)
		libraries->release(libraries->released);
	*libraries = (struct libraries){ 0 };
}

const char *library_real(const struct library *file)
{
	return file->place && strcmp(file->place, file->path) != 0 ? file->place
								   : "";
}

const char *library_source(const struct library *file)
{
	return file->real ? file->real : file->file ? file->file : "";
}
