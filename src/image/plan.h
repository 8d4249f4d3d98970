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

#include "base/arena.h"
#include "data/tar.h"

struct buf;
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

/*
 * A file as it was when the plan was made: it must still be that one. state is
 * made of its device and of when it was modified and changed, so that each of
 * them alone shows.
 */
struct plan_stamp {
	uint64_t inode;
	uint64_t state;
};

/* There is one for each file of an image, so its size is what a plan takes. */
struct plan_entry {
	const char *path; /* in the image: absolute, "/" is the root */
	const char *from; /* the host file with the data, or NULL */
	union {
		const char *link;  /* of a symlink */
		const char *bytes; /* of a file without a host's: the data */
		const char *caps; /* of one with: FILECAPS_SIZE bytes or NULL */
	};
	uint64_t size;		 /* of a file */
	struct plan_stamp stamp; /* of the host file */
	const char *origin;	 /* who wants it, for messages; static text */
	uint32_t uid;
	uint32_t gid;
	uint32_t line;		   /* of the recipe, or 0 */
	uint32_t mode : 12;	   /* 07777 */
	enum tar_type type : 8;	   /* TAR_FILE, TAR_DIR or TAR_SYMLINK */
	enum plan_layer layer : 4; /* the lowest that it is in */
	/*
	 * Bits of enum plan_layer, of plan_finish(): each layer that the entry
	 * stands in. A directory is in all that have something below it, since
	 * some engines give a parent that a layer lacks a mode of their own.
	 */
	uint32_t layers : 4;
	bool is_implied : 1; /* a directory whose attributes nobody chose */
	/* An ELF file of the recipe: its libraries come along. */
	bool may_need : 1;
	/* By others: gives way to the same from elsewhere. */
	bool is_needed : 1;
	/* Of plan_add(): from is where a file of path's last name lies. */
	bool is_below : 1;
};

struct plan {
	struct plan_entry *entries;
	size_t count;
	size_t cap;
	struct arena texts;    /* of the entries */
	const char *directory; /* the last that one of them is from, or NULL */
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

/* Append the host file with the data; false where there is none. */
bool plan_file(struct buf *out, const struct plan_entry *entry);

/* What its union holds, or NULL where that is something else. */
const char *plan_link(const struct plan_entry *entry);
const char *plan_bytes(const struct plan_entry *entry);
const char *plan_caps(const struct plan_entry *entry);

/* The entry of a finished plan, or NULL. */
const struct plan_entry *plan_find(const struct plan *plan, const char *path);

struct plan_stamp plan_stamp(const struct stat *st);
bool plan_stamp_equal(const struct plan_stamp *a, const struct plan_stamp *b);

/* Whether the entry's host file is that very file, as it was. */
bool plan_is_file(const struct plan_entry *entry, const struct stat *st);

/* Fails if what is open now is not the file that was planned, as it was. */
int plan_check_file(const struct plan_entry *entry, const struct stat *now,
		    struct err *err);

void plan_free(struct plan *plan);

#endif
