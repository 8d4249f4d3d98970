#ifndef DATA_PASSED_H
#define DATA_PASSED_H

/*
 * passed: what a compiled filter lets through, found by running it. The policy
 * that it was made from is not asked.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arch;
struct err;
struct filter;

enum { PASSED_MAX = 1024 };

struct passed {
	size_t count;
	uint32_t nr[PASSED_MAX];
	bool has_conditions[PASSED_MAX]; /* some arguments are refused */
};

/*
 * List the calls that the filter lets pass with any arguments at all, by
 * following every way through it. The cookie gate's execve is none of them.
 */
int passed_of(struct passed *out, const struct filter *filter,
	      const struct arch *arch, struct err *err);

#endif
