#include "image/needs.h"

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
#include "image/copy.h"
#include "image/libraries.h"
#include "image/plan.h"
#include "image/recipe.h"
#include "image/root.h"

/* Opened by glibc's pthread_exit, pthread_cancel and backtrace. */
#define LIBGCC "libgcc_s.so.1"
#define LIBC   "libc.so.6"

static const char who_needs[] = "a program or library";

/* What is under way: additions wait, for the view is of a finished plan. */
struct work {
	struct view view;
	const struct recipe *recipe;
	struct plan more;
	enum plan_layer layer;		  /* what is added goes there */
	const struct plan_entry *program; /* of ExecStart=, or NULL */
	char *loader;			  /* that it names */
};

/* True for an ELF file of the recipe that the image's kernel could map. */
static bool is_elf(const struct work *work, const struct plan_entry *entry)
{
	const struct arch *arch = work->recipe->arch;
	unsigned char header[20];

	auto_buf struct buf file = { 0 };

	if (!entry->may_need || !plan_file(&file, entry))
		return false;
	auto_fd int fd = open(file.at, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd >= 0 &&
	       io_read(fd, header, sizeof(header)) == sizeof(header) &&
	       memcmp(header, ELFMAG, SELFMAG) == 0 &&
	       header[EI_CLASS] == arch->elf_class &&
	       header[EI_DATA] == ELFDATA2LSB &&
	       (header[16] == ET_EXEC || header[16] == ET_DYN) &&
	       (header[18] | header[19] << 8) == arch->elf_machine;
}

static int add_link(struct work *work, const struct view_link *link,
		    struct err *err)
{
	struct plan_entry entry = {
		.path = link->path,
		.type = TAR_SYMLINK,
		.mode = 0777,
		.link = link->target,
		.layer = work->layer,
		.origin = who_needs,
		.is_needed = true,
	};

	/* The link of a directory that is planned is not on the way. */
	if (plan_find(work->view.plan, link->path))
		return 0;
	return plan_add(&work->more, &entry, err);
}

static int add_file(struct work *work, const char *from, const char *to,
		    struct err *err)
{
	struct copy copy = {
		.from = from,
		.to = to,
		.layer = work->layer,
		.origin = who_needs,
		.is_needed = true,
	};

	return copy_add(&work->more, &copy, NULL, err);
}

static int add_path_file(struct work *work, const char *path, struct err *err)
{
	auto_view_file struct view_file file = { 0 };

	if (view_find(&file, &work->view, path, err) < 0)
		return -1;
	if (file.planned || !file.file.len)
		return 0;
	return add_file(work, file.file.at, file.path.at, err);
}

static int add_libraries(struct work *work, const struct libraries *libraries,
			 struct err *err)
{
	for (size_t i = 0; i < libraries->files.count; i++) {
		const struct library *file = &libraries->files.at[i];

		if (!file->is_planned &&
		    add_file(work, file->real, file->place, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < libraries->links.count; i++)
		if (add_link(work, &libraries->links.at[i], err) < 0)
			return -1;
	if (libraries->search.path_file)
		return add_path_file(work, libraries->search.path_file, err);
	return 0;
}

/* What the service's program opens by name. */
static int add_named(struct libraries *libraries, const struct recipe *recipe,
		     struct err *err)
{
	for (size_t i = 0; i < recipe->need_count; i++) {
		const struct recipe_need *need = &recipe->needs[i];

		if (need->what[0] == '/')
			continue;
		if (libraries_add(libraries, need->what, "Needs", err) < 0)
			return recipe_wrap(err, recipe, need->line);
	}
	return 0;
}

static int add_entry(struct work *work, const struct plan_entry *entry,
		     struct err *err)
{
	auto_buf struct buf file = { 0 };
	struct libraries libraries;
	struct libraries_request request = {
		.view = &work->view,
		.path = entry->path,
		.loader = work->loader,
	};

	plan_file(&file, entry);
	request.file = file.at;

	if (libraries_open(&libraries, &request, err) < 0)
		return recipe_wrap(err, work->recipe, entry->line);
	int result = 0;

	if (libraries_have(&libraries, LIBC) &&
	    libraries_add(&libraries, LIBGCC, LIBC, err) < 0)
		result = recipe_wrap(err, work->recipe, entry->line);
	if (result == 0 && entry == work->program) {
		work->loader = steal_ptr(&libraries.loader);
		result = add_named(&libraries, work->recipe, err);
	}
	if (result == 0 && add_libraries(work, &libraries, err) < 0)
		result = recipe_wrap(err, work->recipe, entry->line);
	libraries_close(&libraries);
	return result;
}

/* The service's program first: the others' loader is that of it. */
static int add_entries(struct work *work, struct err *err)
{
	const struct plan *plan = work->view.plan;

	if (work->program && add_entry(work, work->program, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_entry *entry = &plan->entries[i];

		if (entry != work->program && is_elf(work, entry) &&
		    add_entry(work, entry, err) < 0)
			return -1;
	}
	return 0;
}

/* The libraries of a base, which nobody has to ask for. */
static const struct {
	enum recipe_base base;
	bool is_optional; /* part of libc.so.6 since glibc 2.34 */
	const char *name;
} base_libraries[] = {
	{ RECIPE_GLIBC, false, LIBC },
	{ RECIPE_GLIBC, false, LIBGCC },
	{ RECIPE_GLIBC, true, "libpthread.so.0" },
	{ RECIPE_GLIBC, true, "libdl.so.2" },
	{ RECIPE_GLIBC, true, "librt.so.1" },
	{ RECIPE_GLIBC, true, "libutil.so.1" },
	{ RECIPE_GLIBC, true, "libnss_files.so.2" },
	{ RECIPE_GLIBC, true, "libnss_dns.so.2" },
	{ RECIPE_GLIBC, false, "libresolv.so.2" },
	/* Half as large as all above; who needs it brings it. */
	{ RECIPE_CC, false, "libm.so.6" },
	{ RECIPE_CC, false, "libstdc++.so.6" },
	{ RECIPE_CC, false, "libgomp.so.1" },
};

static int add_base_library(struct libraries *libraries, size_t i,
			    struct err *err)
{
	const char *name = base_libraries[i].name;

	if (base_libraries[i].is_optional) {
		auto_found struct found found = { 0 };
		int got = search_find(&found, libraries, 0, name, err);

		if (got <= 0)
			return got;
	}
	return libraries_add(libraries, name, "Base", err);
}

static int add_base_libraries(struct work *work, struct libraries *libraries,
			      struct err *err)
{
	size_t count = sizeof(base_libraries) / sizeof(base_libraries[0]);

	for (size_t i = 0; i < count; i++)
		if (base_libraries[i].base <= work->recipe->base &&
		    add_base_library(libraries, i, err) < 0)
			return -1;
	/* The loader itself came as the program. */
	libraries->files.at[0].is_planned = false;
	return add_libraries(work, libraries, err);
}

static int add_base(struct work *work, struct err *err)
{
	const char *loader = work->recipe->arch->loader;
	struct view_file file;
	struct libraries libraries;
	int got;

	if (work->recipe->base < RECIPE_GLIBC)
		return 0;
	got = view_find(&file, &work->view, loader, err);
	if (got == 0)
		got = err_set(err, 0, "Base needs %s, which is not in %s",
			      loader, work->view.root->path);
	struct libraries_request request = {
		.view = &work->view,
		.path = file.path.at,
		.file = file.file.at,
		.loader = loader,
	};

	/* A planned loader is somebody's own idea of a base. */
	if (got > 0 && !file.planned &&
	    (got = libraries_open(&libraries, &request, err)) == 0) {
		got = add_base_libraries(work, &libraries, err);
		libraries_close(&libraries);
	}
	for (size_t i = 0; got >= 0 && i < file.links.count; i++)
		got = add_link(work, &file.links.at[i], err);
	view_file_free(&file);
	return got < 0 ? recipe_wrap(err, work->recipe, 0) : 0;
}

/* A path of the root with what leads to it; a tree comes whole. */
static int add_path(struct work *work, const char *path, struct err *err)
{
	auto_view_file struct view_file file = { 0 };
	int got = view_find(&file, &work->view, path, err);

	for (size_t i = 0; got >= 0 && i < file.links.count; i++)
		got = add_link(work, &file.links.at[i], err);
	if (got < 0 || file.planned)
		return got < 0 ? -1 : 0;
	if (!file.file.len)
		return err_set(err, 0, "%s: leads nowhere", path);
	struct copy copy = {
		.from = file.file.at,
		.to = file.path.at,
		.layer = work->layer,
		.origin = who_needs,
		.is_needed = true,
		.is_copied = true,
	};

	return copy_add(&work->more, &copy, NULL, err);
}

static int add_pattern(struct work *work, const char *pattern, struct err *err)
{
	struct root_paths found;
	int result = 0;

	root_glob(&found, work->view.root, pattern);
	if (!found.paths.count)
		result = err_set(err, 0, "%s: nothing like it in %s", pattern,
				 work->view.root->path);
	for (size_t i = 0; i < found.paths.count && result == 0; i++)
		result = add_path(work, found.paths.at[i], err);
	root_free_paths(&found);
	return result;
}

/* Into the plan, which is finished again for the view. */
static int take_more(struct work *work, struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < work->more.count; i++)
		if (plan_add(plan, &work->more.entries[i], err) < 0)
			return recipe_wrap(err, work->recipe, 0);
	bool is_changed = work->more.count;

	plan_free(&work->more);
	if (is_changed && plan_finish(plan, err) < 0)
		return recipe_wrap(err, work->recipe, 0);
	return 0;
}

static int add_patterns(struct work *work, struct plan *plan, struct err *err)
{
	const struct recipe *recipe = work->recipe;

	for (size_t i = 0; i < recipe->need_count; i++) {
		const struct recipe_need *need = &recipe->needs[i];

		if (need->what[0] != '/')
			continue;
		if (add_pattern(work, need->what, err) < 0) {
			err_wrap(err, "Needs");
			return recipe_wrap(err, recipe, need->line);
		}
	}
	return take_more(work, plan, err);
}

/* The entry of ExecStart='s program, if it may need anything. */
static int find_program(struct work *work, struct err *err)
{
	const struct recipe *recipe = work->recipe;
	const struct plan_entry *entry = plan_find(work->view.plan,
						   recipe->service.exec.at[0]);

	if (entry && is_elf(work, entry))
		work->program = entry;
	for (size_t i = 0; i < recipe->need_count && !work->program; i++) {
		if (recipe->needs[i].what[0] == '/')
			continue;
		err_set(err, 0, "Needs: %s: ExecStart's program opens none",
			recipe->needs[i].what);
		return recipe_wrap(err, recipe, recipe->needs[i].line);
	}
	return 0;
}

int needs_add(struct plan *plan, const struct recipe *recipe,
	      const struct root *root, struct err *err)
{
	struct work work = {
		.view = { .root = root, .plan = plan },
		.recipe = recipe,
		.layer = PLAN_LIBRARY,
	};
	int result = add_patterns(&work, plan, err);

	if (result == 0)
		result = find_program(&work, err);
	work.layer = PLAN_BASE;
	if (result == 0)
		result = add_base(&work, err);
	work.layer = PLAN_LIBRARY;
	if (result == 0)
		result = add_entries(&work, err);
	if (result == 0)
		result = take_more(&work, plan, err);
	free(work.loader);
	plan_free(&work.more);
	return result;
}

int needs_find(struct libraries *out, const struct plan *plan,
	       const struct recipe *recipe, const struct plan_entry *entry,
	       struct err *err)
{
	auto_root struct root root = { .fd = -1 };
	const struct view view = { &root, plan, .is_plan_only = true };
	auto_buf struct buf file = { 0 };
	struct libraries_request request = { .view = &view,
					     .path = entry->path };

	plan_file(&file, entry);
	request.file = file.at;
	*out = (struct libraries){ 0 };
	if (root_open(&root, "/", err) < 0)
		return -1;
	if (libraries_open(out, &request, err) < 0)
		return -1;
	if (strcmp(entry->path, recipe->service.exec.at[0]) != 0 ||
	    add_named(out, recipe, err) == 0)
		return 0;
	libraries_close(out);
	return -1;
}
