/* Paths through symbolic links, as the kernel goes; tree.c has the rest. */
#include <string.h>

#include "base/err.h"
#include "image/name.h"
#include "image/tree_work.h"

enum { LINKS_MAX = 40 }; /* MAXSYMLINKS */

bool tree_fold(struct buf *path)
{
	auto_buf struct buf out = { 0 };
	struct slice rest = buf_slice(path);
	struct slice part;
	bool is_inside = true;

	buf_add(&out, "", 0);
	while (slice_cut(&part, &rest, '/')) {
		if (slice_eq(part, "..")) {
			const char *slash = memrchr(out.at, '/', out.len);

			is_inside &= out.len != 0;
			out.len = slash ? (size_t)(slash - out.at) : 0;
			continue;
		}
		if (!part.len || slice_eq(part, "."))
			continue;
		buf_add(&out, "/", out.len ? 1 : 0);
		buf_add(&out, part.at, part.len);
	}
	path->len = 0;
	buf_add(path, out.at, out.len);
	return is_inside;
}

/* Put the link's target in place of its own name, the first len bytes. */
static void follow(struct buf *path, size_t len, const char *link)
{
	auto_buf struct buf out = { 0 };
	const char *slash = memrchr(path->at, '/', len);

	if (link[0] != '/' && slash)
		buf_add(&out, path->at, (size_t)(slash - path->at) + 1);
	buf_text(&out, link);
	buf_text(&out, path->at + len);
	path->len = 0;
	buf_text(path, out.at);
	tree_fold(path);
}

/* Whether node is path or a parent of it. */
static bool is_on_way(const char *node, const char *path)
{
	size_t len = strlen(node);

	return !len || (strncmp(node, path, len) == 0 &&
			(path[len] == '/' || !path[len]));
}

/* To the end of path, or to the first link on the way: 1, 0 no such, -1. */
static int walk(struct tree_node *out, struct tree *tree, const char *path,
		struct err *err)
{
	int got = tree_rewind(tree, err);

	if (got < 0)
		return -1;
	while ((got = tree_next_there(out, tree, err)) > 0) {
		if (name_compare_paths(out->path, path) > 0)
			return 0;
		if (is_on_way(out->path, path) &&
		    (out->type == TAR_SYMLINK || strcmp(out->path, path) == 0))
			return 1;
	}
	return got;
}

int tree_resolve(struct tree_node *out, struct tree *tree, struct buf *path,
		 struct err *err)
{
	tree_fold(path);
	for (int i = 0; i < LINKS_MAX && path->len <= TAR_PATH_MAX; i++) {
		int got = walk(out, tree, path->at, err);

		if (got <= 0 || out->type != TAR_SYMLINK)
			return got;
		follow(path, strlen(out->path), out->link);
	}
	return 0;
}
