#ifndef SECCOMP_VALUES_H
#define SECCOMP_VALUES_H

/*
 * values: which numbers a register can hold at an instruction, followed back
 * over every path that leads there, through callers too.
 *
 * An answer is complete or none: a path that ends in anything but a number
 * makes the whole unknown, with the reason.
 */
#include "seccomp/frames.h"

enum { VALUES_MAX = 256 };

struct value {
	uint64_t value;
	uint64_t at; /* the instruction that names it */
};

struct values {
	bool is_known;
	size_t count;
	struct value values[VALUES_MAX]; /* each value once */
	const char *why;		 /* not known: for people */
	uint64_t why_at;
};

/*
 * What the register may hold just before the instruction at that address, of
 * which so many low bytes count: 8 for all, 4 for a system call's number.
 */
void values_find(struct values *out, struct frames *frames, uint64_t at,
		 uint8_t reg, unsigned bytes);

/* Where in the program an address is that a value is. */
uint64_t values_address(const struct program *program,
			const struct value *value);

/* The same of the eight bytes that far above what the stack pointer means. */
void values_find_pushed(struct values *out, struct frames *frames, uint64_t at,
			int64_t offset);

/*
 * The constant text whose address a value is; empty for no address (NULL).
 * False for what is no text, or text that the program may change.
 */
bool values_text(struct slice *out, const struct program *program,
		 const struct value *value);

#endif
