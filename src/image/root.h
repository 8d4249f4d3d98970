#ifndef IMAGE_ROOT_H
#define IMAGE_ROOT_H

/*
 * root: the tree that libraries and the files of bases come from: this
 * machine's, or a sysroot. No path leads out of it, whatever its symbolic
 * links say (openat2(2), RESOLVE_IN_ROOT), and nothing in it is run.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/list.h"

struct err;

struct root {
	int fd;
	char *path; /* of this machine, without symbolic links */
};

#define auto_root __attribute__((cleanup(root_close)))

/* On success the caller owes root_close(). */
int root_open(struct root *out, const char *path, struct err *err);
void root_close(struct root *root);

/* The same tree, with a root_close() of its own. */
int root_copy(struct root *out, const struct root *root, struct err *err);

/* True for this machine's own. */
bool root_is_host(const struct root *root);

/* The path in the root of a file of this machine, or NULL: it is outside. */
const char *root_inside(const struct root *root, const char *file);

/*
 * What is at path, whose own symbolic link is not followed; those on the way
 * are. Returns a descriptor of O_PATH, or -1 with errno set.
 */
int root_look(struct stat *st, const struct root *root, const char *path);

/*
 * Open what is there, following symbolic links; never for writing. Returns -1
 * with errno set.
 */
int root_at(const struct root *root, const char *path, uint64_t flags);

/* As io_load(), of a regular file. */
int root_load(char **data, size_t *len, const struct root *root,
	      const char *path, size_t max, struct err *err);

/* Append the path by which this machine names what fd is. */
int root_name(struct buf *out, int fd, struct err *err);

struct root_paths {
	LIST(char *) paths;
};

/*
 * The paths that glob(7)'s pattern matches, sorted; none is no error. Free
 * them with root_free_paths().
 */
void root_glob(struct root_paths *out, const struct root *root,
	       const char *pattern);
void root_free_paths(struct root_paths *paths);

#endif
