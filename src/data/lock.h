#ifndef DATA_LOCK_H
#define DATA_LOCK_H

/*
 * lock: NAME.lock, which tells what a recipe's derived policy was derived
 * from. Text, "KEY VALUE" a line, the value to the line's end; what is not
 * known has no line. Comments begin with '#'.
 *
 *	pith-lock 1
 *	platform linux/arm64		what follows is of that one
 *	status exact
 *	dropped open			derived, and refused by the recipe
 *	file /usr/lib/libz.so.1		the path in the image
 *	  real /usr/lib/libz.so.1.2.13	where that leads
 *	  sha256 HEX
 *	  build-id HEX
 *	  package zlib1g
 *	  version 1:1.2.13
 *
 * What stands before the first platform is of LOCK_PLATFORM; where that is the
 * only one its line is not written.
 */
#include <stdbool.h>

#include "base/list.h"

struct err;

#define LOCK_PLATFORM "linux/amd64"

enum {
	LOCK_MAX = 1 << 20,
	LOCK_FILES_MAX = 4096,
	LOCK_PARTS_MAX = 16,
	LOCK_DROPPED_MAX = 1024,
};

/* The empty slice is: not known. */
struct lock_file {
	struct slice path, real, sha256, build_id, package, version;
};

/* A call's name. */
struct lock_call {
	struct slice name;
};

/* One platform's. */
struct lock_part {
	struct slice platform, status;
	LIST(struct lock_call) dropped;
	LIST(struct lock_file) files;
};

struct lock {
	LIST(struct lock_part) parts;
};

/*
 * Read a lock; it points into text. Messages carry the line number. The
 * caller owes lock_free(), unless it fails.
 */
int lock_parse(struct lock *out, struct slice text, struct err *err);
void lock_free(struct lock *lock);

/* The part of that platform, or NULL. */
const struct lock_part *lock_part(const struct lock *lock,
				  struct slice platform);

/* Whether that call was dropped. */
bool lock_is_dropped(const struct lock_part *part, struct slice name);

/* Free what a part holds. */
void lock_part_free(struct lock_part *part);

/* The file of that path in the image, or NULL. */
const struct lock_file *lock_find(const struct lock_part *part,
				  struct slice path);

/* Append the text; lock_parse() reads it back. */
void lock_print(struct buf *out, const struct lock *lock);

#endif
