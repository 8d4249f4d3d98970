#ifndef SECCOMP_PLACE_MEMORY_H
#define SECCOMP_PLACE_MEMORY_H

/* place_memory: the half of place that is about memory. */
#include "seccomp/place.h"

/* The register counts for the stack. */
bool place_is_stack(uint8_t reg, const struct place_frame *frame);

/* The ways to fill a step; place.c. */
void place_lose(struct place_step *out, const char *why);
void place_move(struct place_step *out, const struct place *place);
void place_give(struct place_step *out, const struct place *place,
		uint64_t value);
bool place_push_op(struct place_step *out, struct place *place,
		   const struct place_op *op);

/* place, made to mean an instruction's memory operand. */
void place_of_operand(struct place_step *out, const struct place *place,
		      const struct insn *insn, uint64_t at,
		      const struct place_frame *frame);

/* Where memory was, or what was stored in it, before an instruction. */
void place_memory_before(struct place_step *out, const struct place *place,
			 const struct effect *effect, const struct insn *insn,
			 uint64_t at, const struct place_frame *frame);

#endif
