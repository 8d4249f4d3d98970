#ifndef TOOL_LESSONS_H
#define TOOL_LESSONS_H

/* lessons: what a log of denials says that a policy lacks. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"
#include "data/denial.h"

struct err;

struct lesson {
	const char *call;     /* the arch tables' own name */
	uint64_t count;	      /* denials */
	struct denial denial; /* the first */
};

struct lessons {
	struct lesson *at; /* sorted by name */
	size_t count;
	uint64_t denials;
	uint64_t suppressed; /* of which nothing is known */
};

void lessons_free(struct lessons *lessons);

/*
 * Read a log to its end. program, unless it is NULL, is whose denials count.
 * Fails where a denial names no system call; messages carry the line number.
 */
int lessons_read(struct lessons *out, FILE *log, const char *program,
		 struct err *err);

/*
 * Where in the policy's text a line that allows the call belongs, as the
 * number of lines before it: in a sorted text by its name, else at the end.
 */
size_t lessons_place(struct slice text, const char *call);

#endif
