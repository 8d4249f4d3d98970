#ifndef SECCOMP_INERT_H
#define SECCOMP_INERT_H

/*
 * inert: libraries that add no system call to a program that opens them: no
 * instruction of theirs calls the kernel, and all that they take from others
 * is a short list of functions, or from one another. Telling that costs a
 * fraction of following their code.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/*
 * is_inert[i] tells of each file; calls: what they may, blanks between. Names
 * that others of the program define as well are those, whoever beside them has
 * such a function.
 */
void inert_find(bool *is_inert, const struct slice *files, size_t count,
		const char *calls, const struct slice *others,
		size_t other_count);

#endif
