#ifndef IMAGE_TREE_H
#define IMAGE_TREE_H

/*
 * tree: the root file system that an image's layers make, as one sorted list,
 * parents first, with what is hidden in it. Memory is bounded whatever the
 * image (runs.h); time is that of reading it. OCI image-spec, layer.md.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/tar.h"
#include "image/sum.h"

struct err;
struct reader;
struct reader_image;
struct tree;

/* Besides enum tar_type: */
enum {
	TREE_WHITEOUT = 'w', /* deletes the path in lower layers */
	TREE_OPAQUE = 'o',   /* deletes all below the path in lower layers */
	TREE_WANTED = 'l',   /* a hard link, link, of this layer leads here */
	TREE_LED = 's',	     /* a symbolic link, link, leads here */
	TREE_XATTRS_MAX = 4096,
};

struct tree_node {
	const char *path; /* no slash at either end; "" is the root */
	char type;
	bool is_there; /* in the end: neither replaced nor deleted */
	char below;    /* the type of the non-directory it is below, or 0 */
	uint16_t layer;
	uint32_t mode;
	uint64_t uid, gid, size, mtime;
	uint64_t place;	    /* of the entry in its layer, from 0 */
	const char *link;   /* of a hard link without slashes at its ends */
	const char *xattrs; /* "NAME=HEX ...", sorted; long: a digest */
	const char *notes;  /* the visitor's */
	struct sum content; /* of a file */
};

/* Who sees what is read only once. Each may be NULL. */
struct tree_visitor {
	void *to;
	/* An entry, before its data. Returns 0, or 1 to leave it out, or -1. */
	int (*entry)(void *to, const struct tar_entry *entry, size_t layer,
		     struct err *err);
	/* A piece of the data of the file that entry() has just seen. */
	int (*data)(void *to, struct slice bytes, struct err *err);
	/* Its end: what notes are kept with it, at most some kilobytes. */
	int (*end)(void *to, struct buf *notes, struct err *err);
};

/*
 * Read all layers; digests are checked. Returns NULL with *err filled when a
 * layer is wrong or has a path with "..". The caller owes tree_free().
 */
struct tree *tree_read(const struct reader *reader,
		       const struct reader_image *image,
		       const struct tree_visitor *visitor, struct err *err);
void tree_free(struct tree *tree);

/* Start again from the root. */
int tree_rewind(struct tree *tree, struct err *err);

/*
 * The next node by path; of one path the highest layer's first, and in a
 * layer the last. Its texts hold until the next call. 1, 0 at the end, or -1.
 */
int tree_next(struct tree_node *out, struct tree *tree, struct err *err);

/* The next node that is there. */
int tree_next_there(struct tree_node *out, struct tree *tree, struct err *err);

/*
 * The node that is there by that path, which goes through no symbolic link,
 * or 0. Starts from the root.
 */
int tree_find(struct tree_node *out, struct tree *tree, const char *path,
	      struct err *err);

/*
 * The same, going through symbolic links as the kernel does; *path becomes
 * the path without them. 0 also for too many links.
 */
int tree_resolve(struct tree_node *out, struct tree *tree, struct buf *path,
		 struct err *err);

#endif
