#ifndef SECCOMP_DECODE_H
#define SECCOMP_DECODE_H

/*
 * decode: one x86-64 instruction: its length, its operands, where it goes on.
 *
 * A pure function over bytes. Every encoding that a processor runs has a
 * length here, also those whose meaning nobody asks for (AVX-512, XOP). See
 * Intel SDM volume 2, chapter 2 and appendix A, and AMD APM volume 3.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DECODE_LEN_MAX = 15, DECODE_NONE = 0xff, DECODE_RIP = 0xfe };

enum decode_map { MAP_ONE, MAP_0F, MAP_38, MAP_3A, MAP_OTHER };
enum decode_encoding { ENCODING_LEGACY, ENCODING_VEX, ENCODING_EVEX };

enum decode_prefix {
	PREFIX_OPSIZE = 1,
	PREFIX_ADDRSIZE = 2,
	PREFIX_REP = 4,
	PREFIX_REPNE = 8,
	PREFIX_SEGMENT = 16, /* fs or gs: not an address in this module */
};

enum { REX_B = 1, REX_X = 2, REX_R = 4, REX_W = 8 };

enum decode_flow {
	FLOW_NEXT,
	FLOW_JUMP,    /* direct: decode_target */
	FLOW_BRANCH,  /* direct and conditional */
	FLOW_CALL,    /* direct */
	FLOW_JUMP_TO, /* what a register or memory holds */
	FLOW_CALL_TO,
	FLOW_RETURN,
	FLOW_STOP, /* ud2, hlt, int3: nothing behind it runs */
	FLOW_SYSCALL,
	FLOW_FOREIGN, /* int 0x80, sysenter: another system call table */
};

struct insn {
	uint8_t len;
	uint8_t map, encoding, opcode;
	uint8_t prefixes; /* enum decode_prefix */
	uint8_t rex;	  /* REX_*, of the VEX kinds too */
	bool has_rex;	  /* a byte register 4..7 is spl..dil, not ah..bh */
	bool has_modrm, has_memory;
	uint8_t mod, reg, rm; /* reg and rm with the bits of rex */
	uint8_t vvvv;	      /* the VEX kinds' further register */
	uint8_t base, index;  /* registers, DECODE_RIP or DECODE_NONE */
	uint8_t scale;	      /* 1, 2, 4 or 8 */
	uint8_t imm_size;     /* bytes; 0: none */
	uint8_t flow;	      /* enum decode_flow */
	int64_t disp;	      /* EVEX: as written, not multiplied */
	int64_t imm;	      /* sign-extended; jumps: the distance */
};

/* Decode the first instruction of len bytes. False for what is none. */
bool decode(struct insn *out, const uint8_t *bytes, size_t len);

/* Where control goes on behind it; decode() has stored it in flow. */
enum decode_flow decode_flow(const struct insn *insn);

/* nop in all its lengths, and int3, which fill the gaps between functions. */
bool insn_is_padding(const struct insn *insn);

/* Where a direct jump or call at that address goes. */
static inline uint64_t decode_target(const struct insn *insn, uint64_t at)
{
	return at + insn->len + (uint64_t)insn->imm;
}

#endif
