#ifndef TOOL_CALLS_H
#define TOOL_CALLS_H

/*
 * calls: what a compiled filter lets through, found by running it. The policy
 * that it was made from is not asked.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arch;
struct err;
struct filter;

enum { CALLS_MAX = 1024 };

struct calls {
	size_t count;
	uint32_t nr[CALLS_MAX];
};

/*
 * List the calls that the filter allows with all arguments zero: each that it
 * allows at all, since what filters refuse by argument are set bits and
 * particular values. The cookie gate's execve is none of them.
 */
int calls_of(struct calls *out, const struct filter *filter,
	     const struct arch *arch, struct err *err);

#endif
