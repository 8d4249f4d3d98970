#ifndef ARCH_ARGUMENT_H
#define ARCH_ARGUMENT_H

/*
 * argument: what the arguments of system calls are called and how many bits
 * of them the kernel looks at. A filter sees whole registers; where the kernel
 * takes an int, a filter must not look at the upper half, or a bit set there
 * would carry a value past it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/constant.h"
#include "base/slice.h"

struct arch;

enum { ARGUMENTS = 6 };

struct argument {
	struct slice name;	     /* empty: it has none */
	uint8_t bits;		     /* 16, 32 or 64: the low ones that count */
	bool is_int;		     /* 32 bits on every machine */
	enum constant_family family; /* of its values */
};

/* Describe the arguments that have a name; returns how many. */
size_t argument_list(struct argument out[ARGUMENTS], const struct arch *arch,
		     struct slice call);

/*
 * Describe argument index (0..5) of the call. One without a name in the table
 * has the register's width.
 */
struct argument argument_at(const struct arch *arch, struct slice call,
			    unsigned int index);

/* The index of the argument of that name, or of "arg0" to "arg5"; or -1. */
int argument_find(const struct arch *arch, struct slice call,
		  struct slice name);

/* The bits that count, as a mask. */
static inline uint64_t argument_mask(const struct argument *argument)
{
	return argument->bits == 64 ? UINT64_MAX
				    : ((uint64_t)1 << argument->bits) - 1;
}

#endif
