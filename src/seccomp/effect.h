#ifndef SECCOMP_EFFECT_H
#define SECCOMP_EFFECT_H

/*
 * effect: what an instruction does to general registers and to memory, as far
 * as following a value back needs it. Whatever is not understood changes
 * everything that it could: a register too many costs an answer, one too few
 * would make the answer wrong.
 */
#include "seccomp/decode.h"

#define REG_BIT(reg) (1u << (reg))

/* Where the new value of dest, or what is stored, comes from. */
enum effect_source {
	SOURCE_UNKNOWN,
	SOURCE_CONST,	/* imm */
	SOURCE_REG,	/* reg */
	SOURCE_MEMORY,	/* the memory operand */
	SOURCE_ADDRESS, /* of the memory operand: lea */
	SOURCE_SELF,	/* dest, changed by op and imm */
	SOURCE_BIT,	/* 0 or 1 */
	SOURCE_MASK,	/* 0 or -1 */
	SOURCE_EITHER,	/* reg as it is, or other changed by op and imm */
};

enum effect_op {
	OP_NONE, /* as it is; 4 bytes clear the upper half of a register */
	OP_ADD,
	OP_AND,
	OP_OR,
	OP_XOR,
	OP_SHL,
	OP_SHR,
	OP_NEG,
	OP_NOT,
	OP_SIGN, /* extend from from_width bytes */
	OP_ZERO,
	OP_INSERT, /* imm into the two bytes at byte from_width */
};

enum effect_store {
	STORE_NONE,
	STORE_OPERAND, /* to the memory operand, store_width bytes at most */
	STORE_PUSH,    /* eight bytes, to which rsp then points */
	STORE_ANYWHERE,
};

struct effect {
	uint32_t writes; /* a bit for each register that changes */
	uint8_t dest;	 /* the register that source is about, or NONE */
	/* A load of two registers fills that one too, from behind the first. */
	uint8_t dest_next;
	uint8_t source; /* enum effect_source; of the store, if any */
	bool is_pair;	/* two registers are stored, store_width in all */
	bool is_maybe;	/* or dest stays as it is: cmov */
	uint8_t op, from_width;
	uint8_t width; /* bytes of the result; 1 and 2 keep the rest */
	uint8_t reg;   /* DECODE_NONE: zero */
	uint8_t other; /* SOURCE_EITHER; or stored behind reg, if is_pair */
	int64_t imm;
	uint8_t store, store_width;
	bool is_pop;   /* dest is what rsp pointed to; then rsp grows by 8 */
	bool is_leave; /* rsp becomes rbp + 8, rbp what it pointed to */
	int64_t step;  /* the operand's base grows by that as well */
};

/* Calls and jumps have no effect here: their targets have. */
void effect_of(struct effect *out, const struct insn *insn);

#endif
