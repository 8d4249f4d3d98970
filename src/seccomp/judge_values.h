#ifndef SECCOMP_JUDGE_VALUES_H
#define SECCOMP_JUDGE_VALUES_H

/*
 * judge_values: with which arguments a call is tried on both filters, for
 * judge_filter alone.
 */
#include <stddef.h>
#include <stdint.h>

struct err;
struct filter;
struct policy;

/* Values of one argument that are worth trying, each once. */
struct judge_values {
	size_t count;
	uint64_t *at;
};

/*
 * Add the bounds that the policy's rules draw and those that the filter does,
 * right or wrong, with what is beside them. Each argument has one at least.
 * judge_values_free() is owed, also after a failure.
 */
int judge_values_find(struct judge_values values[6],
		      const struct filter *filter, const struct policy *whole,
		      uint32_t nr, struct err *err);
void judge_values_free(struct judge_values values[6]);

/* How many calls that makes: all values of all arguments. */
size_t judge_values_tries(const struct judge_values values[6]);

#endif
