#ifndef SECCOMP_DECODE_X86_H
#define SECCOMP_DECODE_X86_H

/*
 * decode_x86: one x86-64 instruction: its length, its operands, where it goes
 * on.
 *
 * A pure function over bytes. Every encoding that a processor runs has a
 * length here, also those whose meaning nobody asks for (AVX-512, XOP). See
 * Intel SDM volume 2, chapter 2 and appendix A, and AMD APM volume 3.
 */
#include "seccomp/decode.h"

enum decode_map { MAP_ONE, MAP_0F, MAP_38, MAP_3A, MAP_OTHER };
enum decode_encoding { ENCODING_LEGACY, ENCODING_VEX, ENCODING_EVEX };

enum decode_prefix {
	PREFIX_OPSIZE = 1,
	PREFIX_ADDRSIZE = 2,
	PREFIX_REP = 4,
	PREFIX_REPNE = 8,
	PREFIX_SEGMENT = 16,
};

enum { REX_B = 1, REX_X = 2, REX_R = 4, REX_W = 8 };

enum { REG_AX, REG_CX, REG_DX, REG_BX, REG_SP, REG_BP, REG_SI, REG_DI };

/* Decode the first instruction of len bytes. False for what is none. */
bool decode_x86(struct insn *out, const uint8_t *bytes, size_t len);

/* For struct machine: see there. */
bool decode_x86_may_call(const uint8_t *bytes, size_t len);

/* Where control goes on behind it; decode_x86() has stored it in flow. */
enum decode_flow decode_x86_flow(const struct insn *insn);

/* nop in all its lengths, and int3, which fill the gaps between functions. */
bool decode_x86_is_padding(const struct insn *insn);

#endif
