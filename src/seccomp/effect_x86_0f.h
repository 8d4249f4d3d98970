#ifndef SECCOMP_EFFECT_X86_0F_H
#define SECCOMP_EFFECT_X86_0F_H

/*
 * effect_x86_0f: which general registers and what memory the vector, system and
 * bit instructions change. Their values are not followed.
 */
struct effect;
struct insn;

/* Add to out->writes, and set out->store, for what is behind an 0f byte. */
void effect_clobbers(struct effect *out, const struct insn *insn);

#endif
