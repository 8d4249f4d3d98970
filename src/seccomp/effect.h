#ifndef SECCOMP_EFFECT_H
#define SECCOMP_EFFECT_H

/*
 * effect: what an instruction does to general registers and to memory, as far
 * as following a value back needs it. Whatever is not understood changes
 * everything that it could: a register too many costs an answer, one too few
 * would make the answer wrong.
 */
#include "seccomp/decode.h"

enum { REG_AX, REG_CX, REG_DX, REG_BX, REG_SP, REG_BP, REG_SI, REG_DI };

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
	uint8_t source;	 /* enum effect_source; of the store, if any */
	bool is_maybe;	 /* or dest stays as it is: cmov */
	uint8_t op, from_width;
	uint8_t width; /* bytes of the result; 1 and 2 keep the rest */
	uint8_t reg;
	int64_t imm;
	uint8_t store, store_width;
	bool is_pop;   /* dest is what rsp pointed to; then rsp grows by 8 */
	bool is_leave; /* rsp becomes rbp + 8, rbp what it pointed to */
};

/* Calls and jumps have no effect here: their targets have. */
void effect_of(struct effect *out, const struct insn *insn);

#endif
