#ifndef SECCOMP_WALK_STATE_H
#define SECCOMP_WALK_STATE_H

/*
 * walk_state: what registers and a frame of the stack hold at one point of a
 * walk through a function.
 */
#include "seccomp/place.h"

enum walk_kind {
	WALK_UNKNOWN,
	WALK_NUMBER, /* value; an address of the program is one, too */
	WALK_STACK,  /* the stack pointer at the function's entry, plus value */
	WALK_FIRST,  /* what register value held at the entry */
	WALK_PASSED, /* what lay value bytes above the stack pointer then */
	WALK_RETURN, /* where a call that is walked through goes on */
	/* Of four bytes of memory: */
	WALK_HALF,  /* a number of their own */
	WALK_HIGH,  /* the upper half of the word before */
	WALK_FRESH, /* nobody has stored anything there yet */
};

enum { WALK_LOW = -768, WALK_CELLS = 384, WALK_REGISTERS = 16 };

struct walk_word {
	uint64_t kind; /* enum walk_kind */
	uint64_t value;
};

struct walk_state {
	uint64_t at;	   /* just before that instruction */
	uint64_t is_shown; /* others may know an address of the frame */
	uint64_t is_compared;
	uint64_t compare_width;
	struct walk_word
		compared; /* with that number, and nothing else since */
	uint64_t compared_with;
	struct walk_word regs[WALK_REGISTERS];
	struct walk_word
		cells[WALK_CELLS]; /* of four bytes, from WALK_LOW on */
};

/* At the first instruction of a function. */
void walk_state_begin(struct walk_state *out, uint64_t at,
		      const struct machine *machine);

/* Over an instruction that is no call or jump. False: that is not followed. */
bool walk_state_step(struct walk_state *state, const struct insn *insn);

#endif
