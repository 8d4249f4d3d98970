#include "image/contents.h"

#include <string.h>

#include "arch/call_list.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/filter.h"
#include "image/base.h"
#include "image/copy.h"
#include "image/debug.h"
#include "image/identity.h"
#include "image/needs.h"
#include "image/plan.h"
#include "image/recipe.h"
#include "image/root.h"

/* True when somebody has chosen the directory's attributes already. */
static bool is_chosen(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!plan->entries[i].is_implied &&
		    strcmp(plan->entries[i].path, path) == 0)
			return true;
	return false;
}

/* An engine gives a new volume the owner that the image's directory has. */
static int add_volumes(struct plan *plan, const struct recipe *recipe,
		       struct err *err)
{
	for (size_t i = 0; i < recipe->volumes.count; i++) {
		struct plan_entry entry = {
			.path = recipe->volumes.at[i],
			.layer = PLAN_PROGRAM,
			.type = TAR_DIR,
			.mode = 0755,
			.uid = recipe->service.user.id,
			.gid = recipe->service.group.id,
			.origin = "Volume=",
		};

		if (!is_chosen(plan, entry.path) &&
		    plan_add(plan, &entry, err) < 0)
			return err_wrap(err, "Volume");
	}
	return 0;
}

/* Private, as useradd(8) makes them. */
static int add_homes(struct plan *plan, const struct recipe *recipe,
		     struct err *err)
{
	for (size_t i = 0; i < recipe->path_count; i++) {
		const struct recipe_path *home = &recipe->paths[i];
		struct plan_entry entry = {
			.path = home->path,
			.type = TAR_DIR,
			.mode = 0700,
			.uid = home->uid,
			.gid = home->gid,
			.layer = PLAN_PROGRAM,
			.origin = "Account=",
		};

		if (!home->link && !is_chosen(plan, entry.path) &&
		    plan_add(plan, &entry, err) < 0)
			return err_wrap(err, "Account");
	}
	return 0;
}

/* Engines create a missing one, but not on a read-only root. */
static int add_work_directory(struct plan *plan, const struct recipe *recipe,
			      struct err *err)
{
	const char *directory = recipe->service.directory;

	if (!directory)
		return 0;
	struct plan_entry entry = { .path = directory,
				    .layer = PLAN_PROGRAM,
				    .type = TAR_DIR,
				    .is_implied = true,
				    .mode = 0755,
				    .origin = "WorkingDirectory=" };

	if (plan_add(plan, &entry, err) < 0)
		return err_wrap(err, "WorkingDirectory");
	return 0;
}

static int check_work_directory(const struct plan *plan,
				const struct recipe *recipe, struct err *err)
{
	const char *directory = recipe->service.directory;

	if (directory && plan_find(plan, directory)->type != TAR_DIR)
		return err_set(err, 0, "WorkingDirectory: %s is no directory",
			       directory);
	return 0;
}

static int open_root(struct root *out, const struct recipe *recipe,
		     struct err *err)
{
	auto_buf struct buf path = { 0 };

	recipe_path(&path, recipe, recipe->root ? recipe->root : "/");
	if (root_open(out, path.at, err) == 0)
		return 0;
	err_wrap(err, "Root");
	return recipe_wrap(err, recipe, recipe->root_line);
}

int contents_add(struct plan *plan, struct recipe *recipe, struct err *err)
{
	auto_root struct root root = { .fd = -1 };

	if (open_root(&root, recipe, err) < 0)
		return -1;
	if (base_add(plan, recipe, &root, err) < 0)
		return recipe_wrap(err, recipe, 0);
	if (copy_add_recipe(plan, recipe, err) < 0)
		return -1;
	if (add_volumes(plan, recipe, err) < 0 ||
	    add_homes(plan, recipe, err) < 0 ||
	    debug_add(plan, recipe, &root, err) < 0 ||
	    add_work_directory(plan, recipe, err) < 0 ||
	    plan_finish(plan, err) < 0 ||
	    check_work_directory(plan, recipe, err) < 0)
		return recipe_wrap(err, recipe, 0);
	if (needs_add(plan, recipe, &root, err) < 0)
		return -1;
	if (!recipe->lacks_package_data && identity_add(plan, &root, err) < 0)
		return recipe_wrap(err, recipe, 0);
	return 0;
}

/* As the kernel decides: only the first class that matches counts. */
static bool may_execute(const struct plan_entry *entry,
			const struct service *service)
{
	uint32_t mode = entry->mode;

	if (service->user.id == 0)
		return mode & 0111;
	if (entry->uid == service->user.id)
		return mode & 0100;
	if (entry->gid == service->group.id)
		return mode & 0010;
	return mode & 0001;
}

static int check_entry(const struct plan_entry *entry, const char *path,
		       struct err *err)
{
	if (!entry)
		return err_set(err, 0, "%s is not in the image; Copy= it there",
			       path);
	if (entry->type == TAR_SYMLINK)
		return err_set(err, 0,
			       "%s is a symbolic link to %s; name the "
			       "program itself",
			       path, entry->link);
	if (entry->type != TAR_FILE || !entry->from)
		return err_set(err, 0, "%s is no program", path);
	if (strlen(path) > FILTER_PATH_MAX)
		return err_set(err, 0, "%s: longer than %d bytes", path,
			       FILTER_PATH_MAX);
	return 0;
}

static int check_mode(const struct plan_entry *entry, const char *file,
		      const struct service *service, struct err *err)
{
	if (may_execute(entry, service))
		return 0;
	return err_set(err, 0,
		       "%s: not executable by user %u (mode %o in the "
		       "image)",
		       file, service->user.id, entry->mode);
}

static int check_command(const struct plan *plan, const struct recipe *recipe,
			 const char *path, struct err *err)
{
	const struct plan_entry *entry = plan_find(plan, path);
	auto_buf struct buf file = { 0 };
	struct closure_program needs;

	if (check_entry(entry, path, err) < 0)
		return -1;
	plan_file(&file, entry);
	if (closure_check(&needs, file.at, recipe->arch, err) < 0)
		return -1;
	return check_mode(entry, file.at, &recipe->service, err);
}

/* Each begins a command: the first word, and every one behind a NULL. */
static int check_commands(const struct plan *plan, const struct recipe *recipe,
			  const struct service_words *words, struct err *err)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->at[i];

		if (check_command(plan, recipe, word + (*word == '-'), err) < 0)
			return -1;
		while (words->at[i])
			i++;
	}
	return 0;
}

static int check_all_commands(const struct plan *plan,
			      const struct recipe *recipe, struct err *err)
{
	const struct service *service = &recipe->service;

	if (check_commands(plan, recipe, &service->start_pre, err) < 0) {
		err_wrap(err, "ExecStartPre");
		return recipe_wrap(err, recipe, 0);
	}
	if (check_commands(plan, recipe, &service->stop_post, err) < 0) {
		err_wrap(err, "ExecStopPost");
		return recipe_wrap(err, recipe, 0);
	}
	return 0;
}

int contents_check_program(struct closure_program *out, const struct plan *plan,
			   const struct recipe *recipe, struct err *err)
{
	const char *path = recipe->service.exec.at[0];
	const struct plan_entry *entry = plan_find(plan, path);
	auto_buf struct buf file = { 0 };

	if (check_entry(entry, path, err) < 0) {
		err_wrap(err, "ExecStart");
		return recipe_wrap(err, recipe, recipe->exec_line);
	}
	plan_file(&file, entry);
	if (closure_check(out, file.at, recipe->arch, err) < 0 ||
	    check_mode(entry, file.at, &recipe->service, err) < 0)
		return recipe_wrap(err, recipe, recipe->exec_line);
	return check_all_commands(plan, recipe, err);
}

/* With the program: all of these change when it does. */
static int add_own(struct plan *plan, const char *path, struct slice bytes,
		   struct err *err)
{
	return plan_add(plan,
			&(struct plan_entry){ .path = path,
					      .layer = PLAN_PROGRAM,
					      .type = TAR_FILE,
					      .mode = 0644,
					      .size = bytes.len,
					      .bytes = bytes.at,
					      .origin = "pith" },
			err);
}

/*
 * True where an image may start the file as its /init: root's, and as little
 * readable, unless it is the service itself, which then is no stranger.
 */
static bool can_be_init(const struct plan_entry *entry, const char *program)
{
	bool is_service = strcmp(entry->path, program) == 0;

	return entry->type == TAR_FILE && entry->from && !plan_caps(entry) &&
	       !entry->uid && !entry->gid &&
	       entry->mode == (is_service ? 0755 : CONTENTS_INIT_MODE);
}

/* What starts the image nobody but root may exchange, nor a mount hide. */
static bool is_fixed(const char *directory, const struct plan *plan,
		     const struct recipe_list *volumes)
{
	const struct plan_entry *entry = plan_find(plan, directory);

	for (size_t i = 0; volumes && i < volumes->count; i++)
		if (strcmp(volumes->at[i], directory) == 0)
			return false;
	/* Root's to write, and everybody's to pass through. */
	return entry && !entry->uid && (entry->mode & 0133) == 0111;
}

static bool is_in_fixed_place(const char *path, const struct plan *plan,
			      const struct recipe_list *volumes)
{
	for (const char *slash = path; (slash = strchr(slash + 1, '/'));) {
		auto_free char *above = mem_text(
			(struct slice){ path, (size_t)(slash - path) });

		if (!is_fixed(above, plan, volumes))
			return false;
	}
	return true;
}

/* True where the entry's file holds these bytes. */
static int has_bytes(const struct plan_entry *entry, struct slice bytes,
		     struct err *err)
{
	auto_free char *data = NULL;
	auto_buf struct buf file = { 0 };
	size_t len;

	if (entry->size != bytes.len)
		return 0;
	plan_file(&file, entry);
	if (io_load(&data, &len, file.at, CONTENTS_INIT_MAX, err) < 0)
		return -1;
	return len == bytes.len && memcmp(data, bytes.at, len) == 0;
}

/*
 * Where the recipe has pith-init as a program, such as a pod's pause, /init is
 * a link to that: one file under two names.
 */
static int add_init_link(struct plan *plan, const struct contents_pith *pith,
			 struct slice init, struct err *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_entry *entry = &plan->entries[i];
		int same = can_be_init(entry, pith->program) &&
					   is_in_fixed_place(entry->path, plan,
							     pith->volumes)
				   ? has_bytes(entry, init, err)
				   : 0;

		if (same < 0)
			return -1;
		if (same == 0)
			continue;
		struct plan_entry link = { .path = "/init",
					   .layer = PLAN_PROGRAM,
					   .type = TAR_SYMLINK,
					   .mode = 0777,
					   .link = entry->path + 1,
					   .origin = "pith" };

		return plan_add(plan, &link, err) < 0 ? -1 : 1;
	}
	return 0;
}

static int add_init(struct plan *plan, const struct contents_pith *pith,
		    struct err *err)
{
	struct copy copy = {
		.from = pith->init,
		.to = "/init",
		.has_mode = true,
		.mode = CONTENTS_INIT_MODE,
		.layer = PLAN_PROGRAM,
		.origin = "pith",
	};
	auto_free char *data = NULL;
	size_t len;

	if (io_load(&data, &len, pith->init, CONTENTS_INIT_MAX, err) < 0)
		return -1;
	int linked = add_init_link(plan, pith, (struct slice){ data, len },
				   err);

	if (linked < 0)
		return -1;
	return linked ? 0 : copy_add(plan, &copy, NULL, err);
}

int contents_add_pith(struct plan *plan, const struct contents_pith *pith,
		      struct err *err)
{
	auto_buf struct buf calls = { 0 };

	if (add_init(plan, pith, err) < 0 ||
	    add_own(plan, "/etc/pith/service.conf", pith->conf, err) < 0 ||
	    add_own(plan, "/etc/pith/service.bpf", pith->filter, err) < 0)
		return -1;
	call_list_print(&calls, pith->arch);
	if (add_own(plan, "/etc/pith/calls", buf_slice(&calls), err) < 0)
		return -1;
	return plan_finish(plan, err);
}
