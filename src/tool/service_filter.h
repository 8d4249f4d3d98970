#ifndef TOOL_SERVICE_FILTER_H
#define TOOL_SERVICE_FILTER_H

/*
 * service_filter: the compiled filter of a recipe's service: what the words
 * of SystemCallFilter= stand for, proven, for one program.
 */
#include <stdbool.h>

struct buf;
struct build;
struct closure_program;
struct err;

/*
 * Append the filter. Fills what build.h says comes out of it: calls, status,
 * notes and what was derived; and SystemCallFilter= of the recipe, where
 * nobody gave one.
 */
int service_filter_make(struct buf *blob, struct build *build,
			const struct closure_program *program, struct err *err);

/* Whether it takes the program's code to make it. */
bool service_filter_is_derived(const struct build *build);

#endif
