#ifndef SECCOMP_GLOBALS_H
#define SECCOMP_GLOBALS_H

/*
 * globals: the numbers that a variable at a fixed address can hold.
 */
#include "seccomp/frames.h"

/*
 * Store the one value that width (1 to 8) bytes at that address always have.
 * Returns NULL, or why there is none, for people.
 */
const char *globals_value(uint64_t *out, struct frames *frames,
			  uint64_t address, unsigned width);

/*
 * Whether code of the variable's module names a place in it, in another way
 * than to read it; but for the instruction at that address.
 */
bool globals_is_named(const struct reach *reach, uint64_t address,
		      unsigned width, uint64_t but);

#endif
