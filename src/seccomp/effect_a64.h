#ifndef SECCOMP_EFFECT_A64_H
#define SECCOMP_EFFECT_A64_H

/* effect_a64: what aarch64 instructions do; for struct machine. */
#include "seccomp/effect.h"

void effect_a64(struct effect *out, const struct insn *insn);

/* What the files of effect_a64 share: loads, stores and atomics. */
void effect_a64_memory(struct effect *out, const struct insn *insn);

/* The register gets what source says; DECODE_NONE: nothing does. */
void effect_a64_dest(struct effect *out, uint8_t reg, unsigned width,
		     enum effect_source source);

/* A register changes in a way that is not followed. */
static inline void effect_a64_clobber(struct effect *out, uint8_t reg)
{
	if (reg != DECODE_NONE)
		out->writes |= REG_BIT(reg);
}

#endif
