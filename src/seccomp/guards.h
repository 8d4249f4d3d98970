#ifndef SECCOMP_GUARDS_H
#define SECCOMP_GUARDS_H

/*
 * guards: what every filter refuses by looking at an argument, whatever the
 * policy allows, as one const table. The compiler makes instructions of it
 * and the proof evaluates it; they share nothing else.
 *
 * Only the low 32 bits of an argument count. The kernel takes these as an int
 * (or cuts them to 32 bits), so bits above must neither hide a value nor make
 * one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct policy;

enum { GUARD_VALUES_MAX = 2 };

enum guard_test {
	GUARD_ALWAYS, /* the call as such */
	GUARD_BITS,   /* any bit of mask is set in the argument */
	GUARD_VALUE,  /* the argument is one of values */
};

struct guard {
	const char *call;
	const char *unless; /* no guard where the policy allows this call */
	enum guard_test test;
	uint8_t arg;
	uint8_t value_count;
	uint32_t mask;
	uint32_t values[GUARD_VALUES_MAX];
	uint32_t verdict; /* SECCOMP_RET_* when the test holds */
};

extern const struct guard guards[];
extern const size_t guards_count;

/* The guard of that call, or NULL; at most one each. */
const struct guard *guard_find(struct slice call);

/* Whether the policy leaves the guard in force. */
bool guard_applies(const struct guard *guard, const struct policy *policy);

#endif
