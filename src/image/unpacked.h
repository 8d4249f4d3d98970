#ifndef IMAGE_UNPACKED_H
#define IMAGE_UNPACKED_H

/*
 * unpacked: the ELF files of an image's layers, and what tells a loader where
 * to look, as a plan at the image's paths. What a program of the image is made
 * of is found there, and nowhere else.
 *
 * Each is a scratch file without a name (io_scratch), which the plan has as
 * /proc/self/fd/N: however this process ends, nothing stays behind.
 */
#include "base/list.h"
#include "image/plan.h"

struct buf;
struct err;
struct libraries;
struct look;
struct tar_entry;
struct tree;

struct unpacked {
	struct look *look;
	LIST(int) files; /* descriptors */
	bool is_kept;	 /* the file that passes by is the last of them */
	size_t begun;	 /* bytes of the file that passes by */
	bool is_conf;
	struct plan plan;
};

/*
 * Start empty, and lift this process' limit on descriptors as far as it may.
 * unpacked_close() is owed.
 */
void unpacked_open(struct unpacked *out);
void unpacked_close(struct unpacked *unpacked);

/* For struct tree_visitor, with a struct unpacked; they note what look does. */
int unpacked_entry(void *of, const struct tar_entry *entry, size_t layer,
		   struct err *err);
int unpacked_data(void *of, struct slice bytes, struct err *err);
int unpacked_end(void *of, struct buf *notes, struct err *err);

/* When the tree is read: make the plan. */
int unpacked_plan(struct unpacked *unpacked, struct tree *tree,
		  struct err *err);

/*
 * The files of the image's program at that path, with libraries that it opens
 * at run time, by soname or path. libraries_close() is owed.
 */
int unpacked_find(struct libraries *out, const struct unpacked *unpacked,
		  const char *path, const char *const *with, size_t with_count,
		  struct err *err);

#endif
