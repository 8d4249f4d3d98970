#ifndef TOOL_OUTPUT_H
#define TOOL_OUTPUT_H

/* output: what a verb has made, into a file or on standard output. */
#include "base/slice.h"

struct err;

/* Write all of data; path appears complete or not at all. NULL: stdout. */
int output_write(const char *path, struct slice data, struct err *err);

/*
 * Fails if output is there and is the file that input names; NULLs and "-"
 * name none.
 */
int output_check(const char *output, const char *input, struct err *err);

#endif
