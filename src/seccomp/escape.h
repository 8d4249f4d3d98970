#ifndef SECCOMP_ESCAPE_H
#define SECCOMP_ESCAPE_H

/*
 * escape: what becomes of a function's address that an instruction takes.
 * Compilers load the address of a function that is called often into a
 * register; that makes calls, and no pointer that others could use.
 */
#include "seccomp/reach.h"

enum { ESCAPE_CALLS = 64 };

struct escape {
	size_t count;
	uint64_t calls[ESCAPE_CALLS]; /* where it is called or jumped to */
	bool jumps[ESCAPE_CALLS];
};

/*
 * Follow the address on from the instruction that loads it. False when it
 * goes anywhere but into calls.
 */
bool escape_follow(struct escape *out, const struct reach *reach,
		   uint64_t taker);

#endif
