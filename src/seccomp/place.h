#ifndef SECCOMP_PLACE_H
#define SECCOMP_PLACE_H

/*
 * place: where a wanted value is, and where it was one instruction earlier.
 *
 * A place is a register, or memory at a register plus a number. Going back
 * over an instruction rewrites it: over "mov %rbx,%rax" a wish for rax becomes
 * one for rbx. What cannot be said that way is given up, by name.
 */
#include "seccomp/effect.h"

enum { PLACE_OPS = 6 };

/* Something done to the value between the place and its use. */
struct place_op {
	uint8_t op;	    /* enum effect_op */
	uint8_t width;	    /* of the result */
	uint8_t from_width; /* OP_SIGN, OP_ZERO */
	int64_t imm;
};

struct place {
	bool is_memory;
	uint8_t reg;
	uint8_t width; /* memory: bytes read */
	int64_t offset;
	uint8_t op_count;
	struct place_op ops[PLACE_OPS]; /* the last is done first */
};

/* What one step back found: any of these together, or why it is lost. */
struct place_step {
	const char *lost; /* for people; NULL: all is found */
	unsigned place_count, value_count;
	struct place places[2]; /* where it was */
	uint64_t values[2];	/* what it was */
	bool is_global;
	uint64_t address;    /* of the variable that it was in, */
	struct place global; /* read that wide and changed like that */
};

/* What is known of the code that an instruction is in. */
struct place_frame {
	const struct machine *machine;
	uint64_t base;	     /* of its module */
	bool is_fixed;	     /* numbers may be addresses */
	bool saves_nothing;  /* Go: a call may change every register */
	bool is_framed;	     /* the frame register is the stack's, too */
	bool is_stack_shown; /* code there takes addresses of its stack */
};

/* Go back over the instruction at that address, which is no jump or call. */
void place_before(struct place_step *out, const struct place *after,
		  const struct insn *insn, uint64_t at,
		  const struct place_frame *frame);

/* Go back over a call that returned, or a system call. */
void place_before_call(struct place_step *out, const struct place *place,
		       bool is_syscall, const struct place_frame *frame);

/* From the first instruction of a function to the call of it. */
void place_at_caller(struct place_step *out, const struct place *place,
		     const struct machine *machine);

/* What the operations make of the value found. */
uint64_t place_value(const struct place *place, uint64_t value);

/* On how many low bytes of it so many low bytes of what they make depend. */
unsigned place_needs(const struct place *place, unsigned bytes);

#endif
