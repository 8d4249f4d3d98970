#ifndef TOOL_CHAIN_H
#define TOOL_CHAIN_H

/* chain: how a program gets to a system call, for people. */
#include <stddef.h>

struct buf;
struct derivation;
struct derive_call;

/*
 * Append the lines: from an entry point on, function by function, to the
 * instruction that names the call and the one that makes it.
 */
void chain_print(struct buf *out, const struct derivation *derivation,
		 const struct derive_call *call);

#endif
