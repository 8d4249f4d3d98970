#include "seccomp/walk_cells.h"

#include <string.h>

#include "seccomp/machine.h"

enum { CELL = 4, SPAN = WALK_CELLS * CELL };

static const struct walk_word unknown = { WALK_UNKNOWN, 0 };

void walk_state_begin(struct walk_state *out, uint64_t at,
		      const struct machine *machine)
{
	*out = (struct walk_state){ .at = at };
	for (unsigned i = 0; i < WALK_REGISTERS; i++)
		out->regs[i] = (struct walk_word){ WALK_FIRST, i };
	out->regs[machine->stack] = (struct walk_word){ WALK_STACK, 0 };
	for (unsigned i = 0; i < WALK_CELLS; i += 2) {
		int64_t offset = WALK_LOW + (int64_t)i * CELL;

		if (offset < machine->return_size) {
			out->cells[i].kind = WALK_FRESH;
			out->cells[i + 1].kind = WALK_FRESH;
			continue;
		}
		out->cells[i] = (struct walk_word){ WALK_PASSED,
						    (uint64_t)offset };
		out->cells[i + 1] = (struct walk_word){ WALK_HIGH, 0 };
	}
}

/* Bytes that are read in a way that is not followed may be an address. */
static struct walk_word lose_load(struct walk_state *state)
{
	state->is_shown = true;
	return unknown;
}

struct walk_word walk_cells_load(struct walk_state *state, uint64_t offset,
				 unsigned width)
{
	uint64_t from = offset - (uint64_t)(int64_t)WALK_LOW;
	const struct walk_word *cell;

	if (from >= SPAN || from + width > SPAN || from % CELL ||
	    (width != 8 && width != CELL))
		return lose_load(state);
	cell = &state->cells[from / CELL];
	if (width == 8 && cell[1].kind == WALK_HIGH && cell->kind < WALK_HALF)
		return *cell;
	if (width == CELL &&
	    (cell->kind == WALK_HALF || cell->kind == WALK_NUMBER))
		return (struct walk_word){ WALK_NUMBER, (uint32_t)cell->value };
	if (cell->kind == WALK_STACK || cell->kind == WALK_HIGH ||
	    (width == 8 && cell[1].kind == WALK_STACK))
		return lose_load(state);
	return unknown;
}

void walk_cells_forget(struct walk_state *state)
{
	memset(state->cells, 0, sizeof(state->cells));
}

void walk_cells_forget_below(struct walk_state *state, uint64_t offset)
{
	for (unsigned i = 0; i < WALK_CELLS; i++)
		if (WALK_LOW + (int64_t)i * CELL < (int64_t)offset)
			state->cells[i] = (struct walk_word){ WALK_FRESH, 0 };
}

static bool holds_stack(const struct walk_state *state, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (state->cells[i].kind == WALK_STACK ||
		    (state->cells[i].kind == WALK_HIGH && i &&
		     state->cells[i - 1].kind == WALK_STACK))
			return true;
	return false;
}

/*
 * The fields of a list of arguments: two offsets, where its arguments on the
 * stack are, which none but such lists point to, and where the registers are.
 */
static bool is_list(const struct walk_state *state, size_t i)
{
	const struct walk_word *cell = &state->cells[i];

	return i + 6 <= WALK_CELLS && cell[0].kind == WALK_HALF &&
	       (cell[1].kind == WALK_HALF || cell[1].kind == WALK_FRESH) &&
	       cell[2].kind == WALK_STACK && (int64_t)cell[2].value > 0 &&
	       cell[4].kind == WALK_STACK && (int64_t)cell[4].value < 0;
}

/*
 * Arguments lie one behind the other; one that is aligned leaves a word at
 * most before it.
 */
bool walk_cells_passes_stack(const struct walk_state *state, uint64_t sp)
{
	unsigned fresh = 0;

	for (uint64_t at = sp; (int64_t)at < 0 && fresh < 2; at += 8) {
		uint64_t from = at - (uint64_t)(int64_t)WALK_LOW;
		const struct walk_word *cell = &state->cells[from / CELL];

		if (from % CELL || from + 8 > SPAN)
			return true;
		if (cell->kind == WALK_RETURN || is_list(state, from / CELL))
			return false;
		if (holds_stack(state, from / CELL, from / CELL + 2))
			return true;
		fresh = cell[0].kind == WALK_FRESH && cell[1].kind == WALK_FRESH
				? fresh + 1
				: 0;
	}
	return false;
}

void walk_cells_store(struct walk_state *state, uint64_t offset, unsigned width,
		      struct walk_word word)
{
	uint64_t from = offset - (uint64_t)(int64_t)WALK_LOW;
	uint64_t end = from + width;
	size_t first = from / CELL, last = (end + CELL - 1) / CELL;
	bool is_whole = from % CELL == 0 && (width == 8 || width == CELL);

	/* Of unknown length, or across the edge of what is kept. */
	if (!width || from >= SPAN || end > SPAN) {
		state->is_shown = true;
		walk_cells_forget(state);
		return;
	}
	/* What is not followed may be made of what was there. */
	if (word.kind == WALK_UNKNOWN && holds_stack(state, first, last))
		state->is_shown = true;
	for (size_t i = first; i < last; i++)
		state->cells[i] = unknown;
	if (is_whole && width == 8) {
		state->cells[first] = word;
		state->cells[first + 1] = (struct walk_word){ WALK_HIGH, 0 };
	} else if (is_whole && word.kind == WALK_NUMBER) {
		state->cells[first] = (struct walk_word){ WALK_HALF,
							  word.value };
	} else if (word.kind == WALK_STACK) {
		state->is_shown = true;
	}
}
