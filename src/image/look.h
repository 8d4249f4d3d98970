#ifndef IMAGE_LOOK_H
#define IMAGE_LOOK_H

/*
 * look: a tree_visitor that looks into files as they pass, and notes what it
 * finds, "KEY VALUE" a line:
 *
 *	head HEX         the first bytes, at most 64
 *	script PATH      begins with "#!", and this is its interpreter
 *	elf ARCH static|dynamic    ARCH as images say it, or "?"
 *	interpreter PATH, needed NAME ...    of a dynamic one
 *	broken WHY       an ELF file that cannot be read
 *	key KIND         holds a private key
 *	ca PATH, tz PATH a program that knows where these files would be
 *	build PATH       a program with a path of whoever built it
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

struct err;
struct look;
struct tar_entry;

struct look *look_new(void);
void look_free(struct look *look);

/* For struct tree_visitor, with a struct look as its first argument. */
int look_entry(void *of, const struct tar_entry *entry, size_t layer,
	       struct err *err);
int look_data(void *of, struct slice bytes, struct err *err);
int look_end(void *of, struct buf *notes, struct err *err);

/* The value of the i-th note by that key, or false. */
bool look_note(struct slice *value, const char *notes, const char *key,
	       size_t i);

#endif
