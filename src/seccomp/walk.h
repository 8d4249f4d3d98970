#ifndef SECCOMP_WALK_H
#define SECCOMP_WALK_H

/*
 * walk: what a function may be given where a value comes out of its variable
 * arguments, which values.h cannot follow: they are saved to the stack, and
 * read back through a pointer that moves on.
 *
 * So the function is gone through as it would run, once for each call of it,
 * with all that its frame holds: where numbers that are known are compared,
 * one way; else both. A list of arguments that ends with a zero ends there.
 */
#include "seccomp/values.h"

/*
 * What the register may hold just before the call at that address, of a
 * function that gets so many arguments. out is as values_find() left it, and
 * stays so where that cannot be told.
 */
void walk_find(struct values *out, struct frames *frames, uint64_t at,
	       uint8_t reg, unsigned arguments);

#endif
