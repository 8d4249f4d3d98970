#ifndef TOOL_OUTPUT_H
#define TOOL_OUTPUT_H

/* output: what a verb has made, into a file or on standard output. */
#include "base/slice.h"

struct err;

/* Write all of data; path appears complete or not at all. NULL: stdout. */
int output_write(const char *path, struct slice data, struct err *err);

/*
 * Before the work that output is to take: fails if it is there and no regular
 * file, or the very file that input names, or if nothing can be made in its
 * directory. NULLs and, of input, "-" name none.
 */
int output_check(const char *output, const char *input, struct err *err);

/* The last of these alone, of what is no file. */
int output_check_parent(const char *output, struct err *err);

#endif
