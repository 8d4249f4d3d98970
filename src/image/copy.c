#include "image/copy.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/closure.h"
#include "image/filecaps.h"
#include "image/name.h"
#include "image/plan.h"
#include "image/recipe.h"

/* Where the walk is: the same place on the host and in the image. */
struct place {
	const char *from;
	const char *to;
};

static int add_directory(struct plan *plan, const struct copy *copy,
			 const struct place *at, int fd, struct err *err);

static struct plan_entry new_entry(const struct copy *copy,
				   const struct place *at, enum tar_type type,
				   uint32_t mode)
{
	return (struct plan_entry){
		.path = at->to,
		.layer = copy->layer,
		.type = type,
		.mode = mode & 07777,
		.uid = copy->has_owner ? copy->uid : 0,
		.gid = copy->has_owner ? copy->gid : 0,
		.is_needed = copy->is_needed,
		.origin = copy->origin,
		.line = copy->line,
	};
}

/* While it is open: what programs need is looked for in these alone. */
static bool begins_as_elf(int fd)
{
	char magic[SELFMAG];

	return io_read_at(fd, magic, SELFMAG, 0) == SELFMAG &&
	       memcmp(magic, ELFMAG, SELFMAG) == 0;
}

static int add_regular(struct plan *plan, const struct copy *copy,
		       const struct place *at, int fd, const struct stat *st,
		       struct err *err)
{
	uint32_t plain = st->st_mode & 0111 ? 0755 : 0644;
	struct plan_entry entry = new_entry(
		copy, at, TAR_FILE, copy->has_mode ? copy->mode : plain);

	entry.caps = copy->caps;
	if (!copy->has_mode && !copy->caps &&
	    closure_check_rights(fd, at->from, st, err) < 0)
		return -1;
	entry.may_need = copy->is_copied && begins_as_elf(fd);
	entry.from = at->from;
	entry.size = (uint64_t)st->st_size;
	entry.stamp = plan_stamp(st);
	return plan_add(plan, &entry, err);
}

static int add_open(struct plan *plan, const struct copy *copy,
		    const struct place *at, int fd, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, errno, "%s", at->from);
	if (copy->caps && !S_ISREG(st.st_mode))
		return err_set(err, 0, "%s: caps= is for one file", at->from);
	if (S_ISDIR(st.st_mode))
		return add_directory(plan, copy, at, fd, err);
	if (S_ISREG(st.st_mode))
		return add_regular(plan, copy, at, fd, &st, err);
	return err_set(err, 0, "%s: neither file, directory nor symbolic link",
		       at->from);
}

static int add_symlink(struct plan *plan, const struct copy *copy,
		       const struct place *at, int dir, const char *name,
		       struct err *err)
{
	char target[4096];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));
	struct plan_entry entry = new_entry(copy, at, TAR_SYMLINK, 0777);

	if (n < 0)
		return err_set(err, errno, "%s", at->from);
	if ((size_t)n == sizeof(target))
		return err_set(err, ENAMETOOLONG, "%s", at->from);
	target[n] = '\0';
	if (!name_is_utf8(slice_from(target)))
		return err_set(err, 0, "%s: its target is not UTF-8", at->from);
	entry.link = target;
	return plan_add(plan, &entry, err);
}

/* Some filesystems do not say in the directory what a name is. */
static int is_symlink(bool *out, const struct place *at, int dir,
		      const struct dirent *item, struct err *err)
{
	struct stat st;

	*out = item->d_type == DT_LNK;
	if (item->d_type != DT_UNKNOWN)
		return 0;
	if (fstatat(dir, item->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set(err, errno, "%s", at->from);
	*out = S_ISLNK(st.st_mode);
	return 0;
}

static int add_child(struct plan *plan, const struct copy *copy,
		     const struct place *at, int dir, const struct dirent *item,
		     struct err *err)
{
	const char *name = item->d_name;
	bool is_link;

	if (is_symlink(&is_link, at, dir, item, err) < 0)
		return -1;
	if (is_link)
		return add_symlink(plan, copy, at, dir, name, err);
	/* Not to hang on a pipe, nor to follow a symlink put there since. */
	auto_fd int fd = openat(dir, name,
				O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
					O_NOCTTY);

	if (fd < 0)
		return err_set(err, errno, "%s", at->from);
	return add_open(plan, copy, at, fd, err);
}

static int add_named(struct plan *plan, const struct copy *copy,
		     const struct place *at, int dir, const struct dirent *item,
		     struct err *err)
{
	const char *name = item->d_name;
	auto_buf struct buf from = { 0 };
	auto_buf struct buf to = { 0 };

	buf_text(&from, at->from);
	buf_text(&from, "/");
	buf_text(&from, name);
	buf_text(&to, strcmp(at->to, "/") == 0 ? "" : at->to);
	buf_text(&to, "/");
	buf_text(&to, name);
	return add_child(plan, copy, &(struct place){ from.at, to.at }, dir,
			 item, err);
}

static int read_names(struct plan *plan, const struct copy *copy,
		      const struct place *at, DIR *dir, struct err *err)
{
	bool is_top = strcmp(at->to, copy->to) == 0;
	struct dirent *item;

	while (errno = 0, (item = readdir(dir))) {
		const char *name = item->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    (is_top && copy->keep && !copy->keep(name)))
			continue;
		if (add_named(plan, copy, at, dirfd(dir), item, err) < 0)
			return -1;
	}
	return errno ? err_set(err, errno, "%s", at->from) : 0;
}

static int add_directory(struct plan *plan, const struct copy *copy,
			 const struct place *at, int fd, struct err *err)
{
	struct plan_entry entry = new_entry(copy, at, TAR_DIR, 0755);

	/* Without an owner of its own it gives way to the base's. */
	entry.is_implied = !copy->has_owner;
	if (plan_add(plan, &entry, err) < 0)
		return -1;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = own < 0 ? NULL : fdopendir(own);

	if (!dir) {
		err_set(err, errno, "%s", at->from);
		scope_close(&own);
		return -1;
	}
	int result = read_names(plan, copy, at, dir, err);

	closedir(dir);
	return result;
}

int copy_add(struct plan *plan, const struct copy *copy, bool *is_missing,
	     struct err *err)
{
	struct place at = { copy->from, copy->to };
	auto_fd int fd = open(copy->from,
			      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (is_missing)
		*is_missing = fd < 0 && (errno == ENOENT || errno == ENOTDIR);
	if (fd < 0)
		return err_set(err, errno, "%s", copy->from);
	return add_open(plan, copy, &at, fd, err);
}

/* "/etc/" means "below /etc, under the source's own name". */
static int expand_target(struct buf *out, const char *source,
			 const char *target, struct err *err)
{
	size_t len = strlen(target);
	struct slice base = slice_from(source);

	buf_text(out, target);
	if (target[len - 1] != '/')
		return 0;
	while (base.len > 1 && base.at[base.len - 1] == '/')
		base.len--;
	const char *slash = memrchr(base.at, '/', base.len);

	if (slash) {
		base.len -= (size_t)(slash + 1 - base.at);
		base.at = slash + 1;
	}
	if (!base.len || slice_eq(base, ".") || slice_eq(base, ".."))
		return err_set(err, 0, "%s has no name to put below %s", source,
			       target);
	buf_add(out, base.at, base.len);
	return 0;
}

/* One source, be it as written or as a pattern matched it. */
static int add_source(struct plan *plan, const struct recipe_copy *copy,
		      const char *source, struct err *err)
{
	auto_buf struct buf to = { 0 };
	uint8_t caps[FILECAPS_SIZE];

	if (copy->caps && filecaps_encode(caps, copy->caps, err) < 0)
		return -1;
	/* "/" with a directory is its contents at the root. */
	if (strcmp(copy->target, "/") == 0)
		buf_text(&to, "/");
	else if (expand_target(&to, source, copy->target, err) < 0)
		return -1;
	return copy_add(plan,
			&(struct copy){
				.from = source,
				.to = to.at,
				.has_mode = copy->has_mode,
				.has_owner = copy->owner,
				.mode = copy->mode,
				.uid = copy->uid,
				.gid = copy->gid,
				.caps = copy->caps ? (char *)caps : NULL,
				.layer = PLAN_PROGRAM,
				.is_copied = true,
				.origin = "the program",
				.line = copy->line,
			},
			NULL, err);
}

/* Each goes below the target, by its own name. */
static int add_pattern(struct plan *plan, const struct recipe_copy *copy,
		       const char *pattern, struct err *err)
{
	size_t len = strlen(copy->target);
	glob_t found;
	int result = 0;

	if (copy->target[len - 1] != '/')
		return err_set(err, 0,
			       "%s: a pattern goes into a directory: end %s "
			       "with a slash",
			       copy->source, copy->target);
	int got = glob(pattern, GLOB_ERR, NULL, &found);

	if (got == GLOB_NOMATCH)
		return err_set(err, 0, "%s: matches nothing", pattern);
	if (got)
		return err_set(err, errno, "%s", pattern);
	for (size_t i = 0; i < found.gl_pathc && result == 0; i++)
		result = add_source(plan, copy, found.gl_pathv[i], err);
	globfree(&found);
	return result;
}

static int add_one(struct plan *plan, const struct recipe *recipe,
		   const struct recipe_copy *copy, struct err *err)
{
	auto_buf struct buf from = { 0 };
	struct stat st;

	recipe_path(&from, recipe, copy->source);
	/* A file by the very name comes first, and a lone program is one. */
	if (recipe->file && strpbrk(copy->source, "*?[") &&
	    lstat(from.at, &st) < 0)
		return add_pattern(plan, copy, from.at, err);
	return add_source(plan, copy, from.at, err);
}

static int add_link(struct plan *plan, const struct recipe_path *path,
		    struct err *err)
{
	struct plan_entry entry = {
		.path = path->path,
		.type = TAR_SYMLINK,
		.mode = 0777,
		.link = path->link,
		.layer = PLAN_PROGRAM,
		.origin = "the program",
		.line = path->line,
	};

	return plan_add(plan, &entry, err);
}

int copy_add_recipe(struct plan *plan, const struct recipe *recipe,
		    struct err *err)
{
	for (size_t i = 0; i < recipe->copy_count; i++) {
		const struct recipe_copy *copy = &recipe->copies[i];

		if (add_one(plan, recipe, copy, err) < 0)
			return recipe_wrap(err, recipe, copy->line);
	}
	for (size_t i = 0; i < recipe->path_count; i++)
		if (recipe->paths[i].link &&
		    add_link(plan, &recipe->paths[i], err) < 0)
			return recipe_wrap(err, recipe, recipe->paths[i].line);
	return 0;
}
