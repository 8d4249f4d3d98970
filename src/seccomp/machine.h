#ifndef SECCOMP_MACHINE_H
#define SECCOMP_MACHINE_H

/*
 * machine: what deriving system calls has to know of a processor and of its
 * ABI, as one const struct each. What is done with it is the same for all.
 */
#include "seccomp/effect.h"

struct arch;
struct equal;
struct module;
struct reach_switch;
struct table_window;

/* How an instruction treats the registers that point to the stack. */
enum machine_stack {
	STACK_SHOWN = 1,  /* an address of it goes into another register */
	STACK_FRAMED = 2, /* the frame register becomes an address of it */
	STACK_SPOILT = 4, /* the frame register becomes something else */
};

struct machine {
	const struct arch *arch;
	bool has_anchors;    /* variables share a place to count from */
	uint8_t unit;	     /* instructions begin at multiples of that */
	uint8_t len_max;     /* the longest instruction */
	uint8_t return_size; /* bytes that a call pushes */
	/* Registers; masks have a bit for each. */
	uint8_t stack, frame;
	uint8_t number;	      /* where the kernel looks for the call's number */
	uint8_t arguments[4]; /* of functions; the kernel's first three */
	uint8_t go_argument;  /* the first of Go's functions */
	uint8_t go_scratch;   /* its assembler's own, or DECODE_NONE */
	uint32_t passed;      /* may hold arguments of a function */
	uint32_t returned;    /* may hold its results */
	uint32_t kept;	      /* come back from it as they were */
	uint32_t lost;	      /* do not come back so from the kernel */

	/* Decode the first instruction of len bytes. False for what is none. */
	bool (*decode)(struct insn *out, const uint8_t *bytes, size_t len);
	/* False only where no instruction calls the kernel, begin where it may. */
	bool (*may_call)(const uint8_t *bytes, size_t len);
	/* Calls and jumps have no effect: their targets have. */
	void (*effect)(struct effect *out, const struct insn *insn);
	/* What fills gaps between functions. */
	bool (*is_padding)(const struct insn *insn);
	/* Whether it may read the register. */
	bool (*names)(const struct insn *insn, uint8_t reg);
	/* What it names is compared or tested and goes nowhere. */
	bool (*only_looks)(const struct insn *insn);
	/*
	 * Whether a branch goes that way only where the flags say "equal";
	 * or a register that it looks at itself: then out is filled.
	 */
	bool (*equal_way)(struct equal *out, const struct insn *branch,
			  bool is_jump);
	/* What is so where the flags of an instruction say "equal". */
	bool (*equal_sets)(struct equal *out, const struct insn *insn);
	/* Whether it surely leaves the flags as they are. */
	bool (*equal_keeps)(const struct insn *insn);
	/*
	 * Whether a branch is taken where one number was compared with another
	 * just so wide: 1, 0; -1: not told.
	 */
	int (*compared_way)(const struct insn *branch, uint64_t number,
			    uint64_t with, unsigned width);
	/*
	 * A whole register is added to another, or its memory operand, and
	 * from is DECODE_NONE. NULL, with compared_way, for a machine whose
	 * functions are not walked through: see walk.h.
	 */
	bool (*adds)(uint8_t *to, uint8_t *from, const struct insn *insn);
	/* enum machine_stack; Go saves its caller's frame by other means. */
	unsigned (*stack_use)(const struct insn *insn, bool is_go);
	/* The address of the slot that a linker's stub jumps through, or 0. */
	uint64_t (*stub)(const struct module *module, uint64_t at);
	/*
	 * Whether the last instruction seen jumps through a table, and not
	 * through an ordinary pointer; what is found of the table.
	 */
	bool (*find_table)(struct reach_switch *out,
			   const struct module *module,
			   struct table_window *window);
	/*
	 * Whether the address that an instruction makes is what the distances
	 * in a table are counted from, and nothing else; NULL: never.
	 */
	bool (*is_origin)(const struct module *module, const struct insn *insn,
			  uint64_t at);
};

extern const struct machine machine_x86_64;
extern const struct machine machine_aarch64;

/* By the number in ELF files, or NULL. */
const struct machine *machine_by_elf(uint16_t machine);

/* Ended by NULL. */
extern const struct machine *const machine_all[];

#endif
