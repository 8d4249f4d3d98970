#ifndef SECCOMP_EMIT_H
#define SECCOMP_EMIT_H

/*
 * emit: an assembler that writes a program from its last instruction to its
 * first. Jumps of BPF only go forward, so what an instruction jumps to is
 * there before it, and every distance is known when it is written.
 *
 * A place is where an instruction stands, counted from the program's end: the
 * last one is at 1. Each function returns the place that it wrote, which is
 * where the program goes on with what was written before.
 */
#include <stddef.h>
#include <stdint.h>

#include "data/filter.h"

struct emit {
	/* The last count instructions of the program, at the array's end. */
	struct filter_insn insns[FILTER_INSNS_MAX];
	size_t count; /* above FILTER_INSNS_MAX: it is too long */
};

/* Return the action. A return of it that is near enough serves again. */
size_t emit_return(struct emit *emit, uint32_t action);

/* Put before what is there: load a word; AND it with a mask. */
size_t emit_load(struct emit *emit, uint32_t offset);
size_t emit_mask(struct emit *emit, uint32_t mask);

/*
 * Compare, as BPF_JEQ, BPF_JGT, BPF_JGE or BPF_JSET says, with k, and go on at
 * one of two places. Targets that lie farther away than a comparison can jump
 * are reached by a jump in between; with equal targets nothing is compared.
 */
size_t emit_branch(struct emit *emit, uint16_t compare, uint32_t k, size_t yes,
		   size_t no);

/* What stands at a place of a program that is not too long. */
struct filter_insn *emit_at(struct emit *emit, size_t place);

/* Its first instruction; the others follow. */
struct filter_insn *emit_start(struct emit *emit);

#endif
