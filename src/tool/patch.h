#ifndef TOOL_PATCH_H
#define TOOL_PATCH_H

/*
 * patch: lines put into a text, and the change as patch(1) reads it (a
 * unified diff).
 */
#include <stddef.h>

#include "base/slice.h"

struct buf;

/* A line, without its newline, that comes behind so many of the old ones. */
struct patch_line {
	size_t behind;
	const char *text;
};

/* How many lines there are; the last may lack its newline. */
size_t patch_count(struct slice text);

/*
 * Append the text with the lines, which stand in the order of behind. The
 * result ends with a newline.
 */
void patch_apply(struct buf *out, struct slice text,
		 const struct patch_line *lines, size_t count);

/* Append the diff that patch_apply() makes; name is the file's. */
void patch_print(struct buf *out, const char *name, struct slice text,
		 const struct patch_line *lines, size_t count);

#endif
