#ifndef SECCOMP_DECODE_A64_H
#define SECCOMP_DECODE_A64_H

/*
 * decode_a64: one aarch64 instruction: its operand in memory, where it goes
 * on, and the fields that all of them have in the same places.
 *
 * A pure function over bytes. See the Arm Architecture Reference Manual for
 * A-profile (DDI 0487), chapter C4: the names of groups are from there.
 */
#include "seccomp/decode.h"

/* Register 31 is the stack pointer in some places and zero in others. */
enum {
	A64_ARGUMENT = 0,
	A64_NUMBER = 8,
	A64_IP0 = 16,
	A64_IP1 = 17,
	A64_GO_SCRATCH = 27,
	A64_FP = 29,
	A64_LR = 30,
	A64_SP = 31,
	A64_ZERO = 31,
};

static inline uint32_t a64_bits(const struct insn *insn, unsigned low,
				unsigned count)
{
	return insn->word >> low & ((1u << count) - 1);
}

static inline bool a64_is(const struct insn *insn, uint32_t mask, uint32_t word)
{
	return (insn->word & mask) == word;
}

/* The four places of registers: destination, first and second source, more. */
static inline uint8_t a64_rd(const struct insn *insn)
{
	return (uint8_t)a64_bits(insn, 0, 5);
}

static inline uint8_t a64_rn(const struct insn *insn)
{
	return (uint8_t)a64_bits(insn, 5, 5);
}

static inline uint8_t a64_rm(const struct insn *insn)
{
	return (uint8_t)a64_bits(insn, 16, 5);
}

static inline uint8_t a64_ra(const struct insn *insn)
{
	return (uint8_t)a64_bits(insn, 10, 5);
}

/* Where 31 means zero. */
static inline uint8_t a64_no_zero(uint8_t reg)
{
	return reg == A64_ZERO ? (uint8_t)DECODE_NONE : reg;
}

enum a64_group {
	A64_NOTHING,
	A64_IMMEDIATE,
	A64_BRANCH, /* and system */
	A64_MEMORY,
	A64_REGISTER,
	A64_VECTOR,
	A64_SCALABLE, /* SVE and SME */
};

enum a64_group a64_group(const struct insn *insn);

/* The forms of loads and stores. */
enum a64_access {
	ACCESS_NONE,
	ACCESS_LITERAL,
	ACCESS_PLAIN,  /* one register at a base and a number, or a register */
	ACCESS_BEFORE, /* the same; first the base grows by the number */
	ACCESS_AFTER,
	ACCESS_PAIR,
	ACCESS_PAIR_BEFORE,
	ACCESS_PAIR_AFTER,
	ACCESS_SIGNED,	  /* ldraa: the address is authenticated */
	ACCESS_EXCLUSIVE, /* and ordered, and compare and swap */
	ACCESS_ATOMIC,
	ACCESS_STRUCTURE, /* of several vectors */
	ACCESS_OTHER,
};

enum a64_access a64_access(const struct insn *insn);

/* The power of two of the bytes that such a form moves for each register. */
unsigned a64_access_log(const struct insn *insn);

/* Decode the first instruction of len bytes. False for what is none. */
bool decode_a64(struct insn *out, const uint8_t *bytes, size_t len);

/* For struct machine: see there. */
bool decode_a64_may_call(const uint8_t *bytes, size_t len);

/* nop, which fills the gaps between functions. */
bool decode_a64_is_padding(const struct insn *insn);

#endif
