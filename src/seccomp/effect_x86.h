#ifndef SECCOMP_EFFECT_X86_H
#define SECCOMP_EFFECT_X86_H

/* effect_x86: what the files of effect_x86 share with each other. */
#include "seccomp/decode_x86.h"
#include "seccomp/effect.h"

void effect_x86(struct effect *out, const struct insn *insn);

/* Bytes that an instruction works on. */
unsigned effect_width(const struct insn *insn, bool is_byte);

/* The register, or memory, or rm, gets what source says. */
void effect_dest(struct effect *out, const struct insn *insn, uint8_t reg,
		 unsigned width, enum effect_source source);
void effect_store_to(struct effect *out, unsigned width,
		     enum effect_source source);
void effect_to_rm(struct effect *out, const struct insn *insn, unsigned width,
		  enum effect_source source);

/* The register, or rm, as the source; the second bytes are not followed. */
enum effect_source effect_from_reg(struct effect *out, const struct insn *insn,
				   uint8_t reg, unsigned width);
enum effect_source effect_from_rm(struct effect *out, const struct insn *insn,
				  unsigned width);
void effect_push(struct effect *out, enum effect_source source);

/* Opcodes 00 to 3f; groups 80 to 83, c0 to d3, f6 and f7, fe and ff. */
void effect_alu(struct effect *out, const struct insn *insn);
void effect_alu_imm(struct effect *out, const struct insn *insn, unsigned kind,
		    unsigned width);
void effect_shift(struct effect *out, const struct insn *insn, bool is_one);
void effect_group_f6(struct effect *out, const struct insn *insn);
void effect_group_ff(struct effect *out, const struct insn *insn);

#endif
