#ifndef IMAGE_PLAN_H
#define IMAGE_PLAN_H

/*
 * plan: what an image will hold, as one sorted list. Nothing is written before
 * the whole list is known to be good.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "data/tar.h"

struct err;

/*
 * What changes together: an image gets a layer for each of these that is worth
 * one (stack.h), the lower first.
 */
enum plan_layer {
	PLAN_BASE,    /* of Base=, and the same on every machine */
	PLAN_LIBRARY, /* what the program is linked with */
	PLAN_PROGRAM, /* it, what the recipe copies, and pith's own files */
	PLAN_DEBUG,   /* on top, so that those below are as without it */
	PLAN_LAYERS,
};

/* A file as it was when the plan was made: it must still be that one. */
struct plan_stamp {
	dev_t device;
	ino_t inode;
	struct timespec modified;
	struct timespec changed;
};

struct plan_entry {
	const char *path;      /* in the image: absolute, "/" is the root */
	enum plan_layer layer; /* the lowest that it is in */
	enum tar_type type;    /* TAR_FILE, TAR_DIR or TAR_SYMLINK */
	bool is_implied;       /* a directory whose attributes nobody chose */
	bool may_need; /* an ELF file of the recipe: its libraries come along */
	bool is_needed; /* by others: gives way to the same from elsewhere */
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint64_t size;		 /* of a file */
	const char *link;	 /* of a symlink */
	const char *file;	 /* the host file with the data, or NULL, */
	const char *bytes;	 /* the data itself */
	struct plan_stamp stamp; /* of the host file */
	const char *caps;	 /* of a file: FILECAPS_SIZE bytes, or NULL */
	const char *origin;	 /* who wants it, for messages; static text */
	unsigned int line;	 /* of the recipe, or 0 */
	/*
	 * Bits of enum plan_layer, of plan_finish(): each layer that the entry
	 * stands in. A directory is in all that have something below it, since
	 * some engines give a parent that a layer lacks a mode of their own.
	 */
	unsigned int layers;
};

struct plan {
	struct plan_entry *entries;
	size_t count;
	size_t cap;
};

/*
 * Add an entry; its texts and bytes are copied. Fails for a path that no
 * image can hold.
 */
int plan_add(struct plan *plan, const struct plan_entry *entry,
	     struct err *err);

/* Of the base: a directory owned by root, and a file or symlink from memory. */
int plan_add_dir(struct plan *plan, const char *path, uint32_t mode,
		 struct err *err);
int plan_add_bytes(struct plan *plan, const char *path, struct slice bytes,
		   struct err *err);
int plan_add_symlink(struct plan *plan, const char *path, const char *link,
		     struct err *err);

/*
 * Sort by path, parents first, add the directories that are implied (0755,
 * root), and tell which layers each entry stands in. Fails for two entries with one path (equal directories are
 * one), and for an entry below what is no directory.
 */
int plan_finish(struct plan *plan, struct err *err);

/* The entry of a finished plan, or NULL. */
const struct plan_entry *plan_find(const struct plan *plan, const char *path);

struct plan_stamp plan_stamp(const struct stat *st);
bool plan_stamp_equal(const struct plan_stamp *a, const struct plan_stamp *b);

/* Fails if what is open now is not the file that was planned, as it was. */
int plan_check_file(const struct plan_entry *entry, const struct stat *now,
		    struct err *err);

void plan_free(struct plan *plan);

#endif
