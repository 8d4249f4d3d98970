#ifndef SECCOMP_EQUAL_H
#define SECCOMP_EQUAL_H

/*
 * equal: what the way that a conditional branch went says of a register. On
 * the way that is taken only where two things are equal, a register that was
 * compared with a number holds that number, and one that was tested, or just
 * computed, holds zero.
 */
#include "seccomp/frames.h"

/* The low bytes of a register are a number; width 0: nothing is known. */
struct equal {
	uint8_t reg, width;
	uint64_t value;
};

/* A conditional branch, and whether it jumped or went on behind it. */
struct equal_branch {
	const struct insn *insn;
	uint64_t at;
	bool is_jump;
};

/*
 * The value of a place behind a branch, of which so many low bytes count.
 * False where the branch does not say it.
 */
bool equal_value(uint64_t *value, struct frames *frames,
		 const struct place *place, unsigned bytes,
		 const struct equal_branch *branch);

/* For struct machine: see there. */
bool equal_x86_way(struct equal *out, const struct insn *branch, bool is_jump);
bool equal_x86_sets(struct equal *out, const struct insn *insn);
bool equal_x86_keeps(const struct insn *insn);
int equal_x86_compared_way(const struct insn *branch, uint64_t number,
			   uint64_t with, unsigned width);
bool equal_a64_way(struct equal *out, const struct insn *branch, bool is_jump);
bool equal_a64_sets(struct equal *out, const struct insn *insn);
bool equal_a64_keeps(const struct insn *insn);

#endif
