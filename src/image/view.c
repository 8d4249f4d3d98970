#include "image/view.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "image/plan.h"
#include "image/root.h"

enum { LINKS_MAX = 40 }; /* as the kernel, path_resolution(7) */

/* A path on its way. */
struct walk {
	struct view_file *out; /* out->path is what lies behind */
	const struct view *view;
	struct buf ahead; /* what is left of the path */
	size_t links;
	bool is_file;	 /* what lies behind is no directory */
	bool is_settled; /* out tells what out->path is */
	bool is_lost;	 /* nothing is there: only names are left */
};

static void step_up(struct walk *walk)
{
	struct buf *path = &walk->out->path;

	while (path->len && path->at[--path->len] != '/')
		;
	if (path->at)
		path->at[path->len] = '\0';
	walk->is_settled = false;
}

/* Go where a symbolic link leads, with what was left of the path. */
static void follow(struct walk *walk, const char *target)
{
	struct buf ahead = { 0 };

	if (++walk->links > LINKS_MAX) {
		walk->is_lost = true;
		return;
	}
	buf_text(&ahead, target);
	buf_text(&ahead, "/");
	buf_text(&ahead, buf_slice(&walk->ahead).at);
	buf_free(&walk->ahead);
	walk->ahead = ahead;
	step_up(walk);
	if (target[0] == '/')
		while (walk->out->path.len)
			step_up(walk);
}

static int follow_fd(struct walk *walk, int fd, struct err *err)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fd, "", target, sizeof(target) - 1);

	if (n < 0)
		return err_set(err, errno, "%s", walk->out->path.at);
	target[n] = '\0';
	LIST_ADD(&walk->out->links,
		 (struct view_link){
			 mem_text(buf_slice(&walk->out->path)),
			 mem_text((struct slice){ target, (size_t)n }) });
	follow(walk, target);
	return 0;
}

/* What cannot be reached is not there: so the loader sees it. */
static bool is_absent(int number)
{
	return number == ENOENT || number == ENOTDIR || number == ELOOP ||
	       number == EACCES || number == ENAMETOOLONG;
}

static int look_in_root(struct walk *walk, struct err *err)
{
	struct view_file *out = walk->out;
	auto_fd int fd = root_look(&out->st, walk->view->root, out->path.at);

	if (fd < 0 && is_absent(errno)) {
		walk->is_lost = true;
		return 0;
	}
	if (fd < 0)
		return err_set(err, errno, "%s", out->path.at);
	if (S_ISLNK(out->st.st_mode))
		return follow_fd(walk, fd, err);
	walk->is_file = !S_ISDIR(out->st.st_mode);
	walk->is_settled = true;
	out->file.len = 0;
	return root_name(&out->file, fd, err);
}

/* Look at what out->path is now, its last name just added. */
static int look(struct walk *walk, struct err *err)
{
	struct view_file *out = walk->out;
	const struct view *view = walk->view;

	out->planned = view->plan ? plan_find(view->plan, out->path.at) : NULL;
	if (!out->planned && !view->is_plan_only)
		return look_in_root(walk, err);
	if (!out->planned) {
		walk->is_lost = true;
	} else if (out->planned->type == TAR_SYMLINK) {
		follow(walk, out->planned->link);
	} else {
		walk->is_file = out->planned->type != TAR_DIR;
		walk->is_settled = true;
		out->file.len = 0;
		plan_file(&out->file, out->planned);
	}
	return 0;
}

/* Take the next name off what is ahead; false at the end. */
static bool take_name(struct buf *name, struct buf *ahead)
{
	struct slice rest = buf_slice(ahead);
	struct slice word = { "", 0 };

	while (!word.len)
		if (!slice_cut(&word, &rest, '/'))
			return false;
	name->len = 0;
	buf_add(name, word.at, word.len);
	struct buf left = { 0 };

	buf_add(&left, rest.at, rest.len);
	buf_free(ahead);
	*ahead = left;
	return true;
}

static int take_step(struct walk *walk, const char *name, struct err *err)
{
	struct buf *path = &walk->out->path;

	/* Below a file there is nothing. */
	walk->is_lost |= walk->is_file;
	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		step_up(walk);
		return 0;
	}
	buf_text(path, "/");
	buf_text(path, name);
	return walk->is_lost ? 0 : look(walk, err);
}

static int run(struct walk *walk, struct err *err)
{
	auto_buf struct buf name = { 0 };

	while (take_name(&name, &walk->ahead))
		if (take_step(walk, name.at, err) < 0)
			return -1;
	/* It ended with a step up: what is there is a directory. */
	if (!walk->is_lost && !walk->is_settled && walk->out->path.len &&
	    look(walk, err) < 0)
		return -1;
	return !walk->is_lost;
}

int view_find(struct view_file *out, const struct view *view, const char *path,
	      struct err *err)
{
	struct walk walk = { .out = out, .view = view };

	*out = (struct view_file){ .st = { .st_mode = S_IFDIR } };
	buf_text(&walk.ahead, path);
	int got = run(&walk, err);

	buf_free(&walk.ahead);
	if (!out->path.len)
		buf_text(&out->path, "/");
	return got;
}

void view_file_free(struct view_file *file)
{
	for (size_t i = 0; i < file->links.count; i++) {
		free(file->links.at[i].path);
		free(file->links.at[i].target);
	}
	free(file->links.at);
	buf_free(&file->path);
	buf_free(&file->file);
	*file = (struct view_file){ 0 };
}
