#ifndef SECCOMP_WALK_CELLS_H
#define SECCOMP_WALK_CELLS_H

/* walk_cells: the half of walk_state that is about the frame's memory. */
#include "seccomp/walk_state.h"

struct walk_word walk_cells_load(struct walk_state *state, uint64_t offset,
				 unsigned width);
void walk_cells_store(struct walk_state *state, uint64_t offset, unsigned width,
		      struct walk_word word);

/* All of the frame, or what lies below an offset, may be anything. */
void walk_cells_forget(struct walk_state *state);
void walk_cells_forget_below(struct walk_state *state, uint64_t offset);

/*
 * Whether an address of the frame is among what a function that is called now
 * may take for its arguments on the stack.
 */
bool walk_cells_passes_stack(const struct walk_state *state, uint64_t sp);

#endif
