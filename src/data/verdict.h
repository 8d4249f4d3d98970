#ifndef DATA_VERDICT_H
#define DATA_VERDICT_H

/*
 * verdict: what a filter says to one call, for PID 1: the kernel tells a
 * listener which call it was, and not what the filter answered. Only the
 * instructions that pith's compiler emits are known; bpf.h runs them all.
 */
#include <stdbool.h>
#include <stdint.h>

struct filter;

enum { VERDICT_WORDS = 16 }; /* of the kernel's struct seccomp_data */

struct verdict {
	uint32_t action;   /* SECCOMP_RET_* and its data */
	bool by_arguments; /* not by number and architecture alone */
};

/*
 * Run the filter on a call. It takes hostile instructions: one that it does
 * not know, or a way past the end, is a refusal by EPERM.
 */
struct verdict verdict_run(const struct filter *filter,
			   const uint32_t call[VERDICT_WORDS]);

#endif
