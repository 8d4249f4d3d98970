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
	bool has_conditions[CALLS_MAX]; /* some arguments are refused */
};

/*
 * List the calls that the filter lets pass with any arguments at all, by
 * following every way through it. The cookie gate's execve is none of them.
 */
int calls_of(struct calls *out, const struct filter *filter,
	     const struct arch *arch, struct err *err);

/*
 * Whether a policy is what allows the call: not clone3, which every filter
 * refuses (pith-policy(5)), and not execve or execveat, which AllowExec= opens.
 */
bool calls_is_policys(const struct arch *arch, uint32_t nr);

#endif
