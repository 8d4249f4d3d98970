#ifndef IMAGE_VIEW_H
#define IMAGE_VIEW_H

/*
 * view: an image as it will be: what is planned, and beneath it the root from
 * which the rest is taken, at the same paths. A path leads here where it will
 * lead in the image.
 */
#include <stdbool.h>
#include <sys/stat.h>

#include "base/list.h"

struct err;
struct plan;
struct plan_entry;
struct root;
struct root_paths;

struct view {
	const struct root *root;
	const struct plan *plan; /* finished, or NULL: the root alone */
	bool is_plan_only;
};

/* A symbolic link of the root's that a path led through. */
struct view_link {
	char *path;
	char *target;
};

struct view_file {
	struct buf path; /* in the image, without symbolic links */
	const struct plan_entry *planned; /* or NULL: it is the root's */
	struct buf file; /* this machine calls it so; empty: it has none */
	struct stat st;	 /* of the root's */
	LIST(struct view_link) links;
};

#define auto_view_file __attribute__((cleanup(view_file_free)))

/*
 * What path leads to, whatever its type. Returns 1, 0 where there is nothing,
 * or -1; for 0 out->path is where it would be, and out->links lead there.
 * *out is all zeros, or was freed; the caller owes view_file_free().
 */
int view_find(struct view_file *out, const struct view *view, const char *path,
	      struct err *err);
void view_file_free(struct view_file *file);

/*
 * The paths of what lies in the directory dir, which may be none, sorted by
 * name. Free them with root_free_paths().
 */
int view_list(struct root_paths *out, const struct view *view, const char *dir,
	      struct err *err);

/* What to say of the configuration %s, which leads to %s that nobody kept. */
#define VIEW_UNREAD                                                      \
	"%s: a link to /%s, where no configuration is looked for; give " \
	"the file its own name"

/*
 * Append the bytes of the regular file at path, of which at most max are
 * taken. Returns 1, 0 where there is none, or -1, also where it is planned
 * with a size and no bytes (unpacked.c).
 */
int view_load(struct buf *out, const struct view *view, const char *path,
	      size_t max, struct err *err);

#endif
