#ifndef SECCOMP_DECODE_H
#define SECCOMP_DECODE_H

/*
 * decode: one instruction, its operand in memory, and where it goes on. What
 * all machines share comes first; the rest is for the machine's own files.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;

enum {
	DECODE_LEN_MAX = 15,
	DECODE_NONE = 0xff,
	DECODE_RIP = 0xfe, /* the place of the code itself */
	DECODE_PAGE = 4096,
};

enum decode_flow {
	FLOW_NEXT,
	FLOW_JUMP,    /* direct: decode_target */
	FLOW_BRANCH,  /* direct and conditional */
	FLOW_CALL,    /* direct */
	FLOW_JUMP_TO, /* what a register or memory holds */
	FLOW_CALL_TO,
	FLOW_RETURN,
	FLOW_STOP, /* ud2, hlt, int3, brk: nothing behind it runs */
	FLOW_SYSCALL,
	FLOW_FOREIGN, /* int 0x80, sysenter: another system call table */
};

struct insn {
	const struct machine *machine;
	uint8_t len;
	uint8_t flow; /* enum decode_flow */
	uint8_t to;   /* FLOW_*_TO: the register; DECODE_NONE: in memory */
	bool has_memory;
	bool is_address; /* of the operand, which is not touched: lea, add */
	bool is_thread;	 /* fs or gs: not an address in this module */
	bool is_short;	 /* an address of 32 bits */
	bool is_page;	 /* DECODE_RIP is the page of the instruction: adrp */
	bool has_wide_disp;  /* enough for an address in a fixed program */
	uint8_t base, index; /* registers, DECODE_RIP or DECODE_NONE */
	uint8_t scale;	     /* 1, 2, 4, 8 or 16 */
	uint8_t imm_size;    /* bytes; 0: none */
	int64_t disp;	     /* EVEX: as written, not multiplied */
	int64_t imm;	     /* sign-extended; jumps: the distance */

	/* x86-64: see decode_x86.h. */
	uint8_t map, encoding, opcode;
	uint8_t prefixes; /* enum decode_prefix */
	uint8_t rex;	  /* REX_*, of the VEX kinds too */
	bool has_rex;	  /* a byte register 4..7 is spl..dil, not ah..bh */
	bool has_modrm;
	uint8_t mod, reg, rm; /* reg and rm with the bits of rex */
	uint8_t vvvv;	      /* the VEX kinds' further register */

	/* aarch64: see decode_a64.h. */
	uint32_t word;
};

/* Where a direct jump or call at that address goes. */
static inline uint64_t decode_target(const struct insn *insn, uint64_t at)
{
	return at + insn->len + (uint64_t)insn->imm;
}

/* What an operand whose base is DECODE_RIP means at that address. */
static inline uint64_t decode_operand(const struct insn *insn, uint64_t at)
{
	uint64_t from = insn->is_page ? at & ~(uint64_t)(DECODE_PAGE - 1)
				      : at + insn->len;

	return from + (uint64_t)insn->disp;
}

/* Nothing behind it runs because of it. */
static inline bool decode_ends_flow(const struct insn *insn)
{
	return insn->flow == FLOW_JUMP || insn->flow == FLOW_JUMP_TO ||
	       insn->flow == FLOW_RETURN || insn->flow == FLOW_STOP;
}

#endif
