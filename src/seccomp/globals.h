#ifndef SECCOMP_GLOBALS_H
#define SECCOMP_GLOBALS_H

/*
 * globals: the numbers that a variable at a fixed address can hold.
 */
#include "seccomp/reach.h"

/*
 * Store the one value that width (1 to 8) bytes at that address always have.
 * Returns NULL, or why there is none, for people.
 */
const char *globals_value(uint64_t *out, const struct reach *reach,
			  uint64_t address, unsigned width);

#endif
