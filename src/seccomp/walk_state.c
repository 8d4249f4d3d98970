#include "seccomp/walk_state.h"

#include "seccomp/equal.h"
#include "seccomp/machine.h"
#include "seccomp/walk_cells.h"

static const struct walk_word unknown = { WALK_UNKNOWN, 0 };

static bool is_stack(const struct walk_state *state, uint8_t reg)
{
	return reg < WALK_REGISTERS && state->regs[reg].kind == WALK_STACK;
}

static struct walk_word cut(struct walk_word word, unsigned width)
{
	if (width == 8)
		return word;
	if (width != 4 || word.kind != WALK_NUMBER)
		return unknown;
	return (struct walk_word){ WALK_NUMBER, (uint32_t)word.value };
}

static struct walk_word add(struct walk_word word, uint64_t number)
{
	if (word.kind != WALK_NUMBER && word.kind != WALK_STACK)
		return unknown;
	word.value += number;
	return word;
}

/* The address of an instruction's operand. */
static struct walk_word operand(const struct walk_state *state,
				const struct insn *insn)
{
	struct walk_word word = { WALK_NUMBER, (uint64_t)insn->disp };

	if (insn->is_thread || insn->is_short)
		return unknown;
	if (insn->base == DECODE_RIP)
		return (struct walk_word){ WALK_NUMBER,
					   decode_operand(insn, state->at) };
	if (insn->base != DECODE_NONE)
		word = add(state->regs[insn->base], (uint64_t)insn->disp);
	if (insn->index == DECODE_NONE)
		return word;
	if (state->regs[insn->index].kind != WALK_NUMBER)
		return unknown;
	return add(word, state->regs[insn->index].value * insn->scale);
}

/* What it may be that is not known is an address of the frame, too. */
static bool may_be_stack(const struct walk_state *state,
			 const struct insn *insn)
{
	return state->is_shown || is_stack(state, insn->base) ||
	       is_stack(state, insn->index);
}

static struct walk_word load(struct walk_state *state, const struct insn *insn,
			     unsigned width)
{
	struct walk_word address = operand(state, insn);

	if (address.kind == WALK_STACK)
		return walk_cells_load(state, address.value, width);
	if (may_be_stack(state, insn))
		state->is_shown = true;
	return unknown;
}

/* A part of memory is read, and nobody follows it. */
static struct walk_word lose_memory(struct walk_state *state,
				    const struct insn *insn)
{
	if (insn->has_memory && !insn->is_address)
		load(state, insn, 1);
	return unknown;
}

static struct walk_word sum(struct walk_state *state, struct walk_word a,
			    struct walk_word b)
{
	if (b.kind == WALK_NUMBER)
		return add(a, b.value);
	if (a.kind == WALK_NUMBER)
		return add(b, a.value);
	state->is_shown |= a.kind == WALK_STACK || b.kind == WALK_STACK;
	return unknown;
}

static struct walk_word made_address(struct walk_state *state,
				     const struct insn *insn)
{
	struct walk_word word = operand(state, insn);

	if (word.kind == WALK_UNKNOWN)
		state->is_shown |= may_be_stack(state, insn);
	return word;
}

static struct walk_word source(struct walk_state *state, const struct effect *e)
{
	if (e->source == SOURCE_CONST)
		return (struct walk_word){ WALK_NUMBER, (uint64_t)e->imm };
	if (e->source != SOURCE_REG || e->op != OP_NONE)
		return unknown;
	if (e->reg == DECODE_NONE)
		return (struct walk_word){ WALK_NUMBER, 0 };
	return state->regs[e->reg];
}

/* What the destination gets. */
static struct walk_word result(struct walk_state *state,
			       const struct insn *insn, const struct effect *e)
{
	uint8_t to, from;

	if (e->is_maybe || e->width < 4)
		return lose_memory(state, insn);
	if (insn->machine->adds(&to, &from, insn) && to == e->dest)
		return sum(state, state->regs[to],
			   from == DECODE_NONE ? load(state, insn, 8)
					       : state->regs[from]);
	switch (e->source) {
	case SOURCE_CONST:
	case SOURCE_REG:
		return cut(source(state, e), e->width);
	case SOURCE_MEMORY:
		if (e->op != OP_NONE || e->from_width)
			return lose_memory(state, insn);
		return cut(load(state, insn, e->width), e->width);
	case SOURCE_ADDRESS:
		return cut(made_address(state, insn), e->width);
	case SOURCE_SELF:
		if (e->op != OP_ADD)
			return unknown;
		return cut(add(state->regs[e->dest], (uint64_t)e->imm),
			   e->width);
	default:
		return lose_memory(state, insn);
	}
}

/* A register becomes another value, and what it held goes nowhere else. */
static bool is_replaced(const struct insn *insn, const struct effect *e,
			uint8_t reg)
{
	bool is_source = insn->base == reg || insn->index == reg;

	if (e->dest != reg || e->store || e->width < 4)
		return false;
	switch (e->source) {
	case SOURCE_CONST:
	case SOURCE_MEMORY:
		return true;
	case SOURCE_REG:
		return e->reg != reg;
	case SOURCE_ADDRESS:
		return !is_source || e->width == 8;
	case SOURCE_SELF:
		return e->op == OP_ADD && e->width == 8;
	default:
		return false;
	}
}

/* All that an instruction does with what a register holds is seen here. */
static bool is_followed(const struct insn *insn, const struct effect *e,
			uint8_t reg)
{
	struct insn bare = *insn;
	uint8_t to, from;

	if (insn->machine->only_looks(insn) ||
	    insn->machine->adds(&to, &from, insn))
		return true;
	if (!insn->is_address)
		bare.base = bare.index = DECODE_NONE;
	if (!insn->machine->names(&bare, reg))
		return true;
	if (e->is_maybe || is_replaced(insn, e, reg))
		return !e->is_maybe;
	if (e->source == SOURCE_ADDRESS)
		return e->width == 8;
	if (e->source != SOURCE_REG || e->reg != reg || e->op != OP_NONE)
		return false;
	return e->store ? e->store == STORE_PUSH || e->store_width == 8
			: e->width == 8;
}

static void see_uses(struct walk_state *state, const struct insn *insn,
		     const struct effect *e)
{
	for (unsigned n = 0; n < WALK_REGISTERS; n++) {
		uint8_t i = (uint8_t)n;

		if (is_stack(state, i) && insn->machine->names(insn, i) &&
		    !is_followed(insn, e, i))
			state->is_shown = true;
	}
}

static bool push(struct walk_state *state, const struct insn *insn,
		 const struct effect *e)
{
	struct walk_word *sp = &state->regs[insn->machine->stack];
	struct walk_word word = source(state, e);

	if (e->source != SOURCE_CONST && insn->has_memory)
		word = load(state, insn, 8);
	if (sp->kind != WALK_STACK)
		return false;
	sp->value -= 8;
	walk_cells_store(state, sp->value, 8, word);
	return true;
}

static bool pop(struct walk_state *state, const struct insn *insn,
		const struct effect *e)
{
	struct walk_word *sp = &state->regs[insn->machine->stack];

	if (!e->is_leave && e->dest == DECODE_NONE)
		return false;
	if (e->is_leave)
		*sp = state->regs[insn->machine->frame];
	if (sp->kind != WALK_STACK)
		return false;
	struct walk_word word = walk_cells_load(state, sp->value, 8);

	sp->value += 8;
	state->regs[e->is_leave ? insn->machine->frame : e->dest] = word;
	return true;
}

static void store(struct walk_state *state, const struct insn *insn,
		  const struct effect *e)
{
	struct walk_word address = operand(state, insn);
	struct walk_word word = source(state, e);

	if (e->store == STORE_ANYWHERE) {
		state->is_shown = true;
		walk_cells_forget(state);
		return;
	}
	if (address.kind == WALK_STACK) {
		walk_cells_store(state, address.value, e->store_width, word);
		return;
	}
	state->is_shown |= word.kind == WALK_STACK;
	if (may_be_stack(state, insn))
		walk_cells_forget(state);
}

static void see_compare(struct walk_state *state, const struct insn *insn)
{
	struct equal fact = { 0 };

	if (insn->machine->equal_keeps(insn))
		return;
	state->is_compared = insn->machine->only_looks(insn) &&
			     insn->machine->equal_sets(&fact, insn);
	state->compared = unknown;
	state->compare_width = state->compared_with = 0;
	if (!state->is_compared)
		return;
	state->compared = state->regs[fact.reg];
	state->compare_width = fact.width;
	state->compared_with = fact.value;
}

bool walk_state_step(struct walk_state *state, const struct insn *insn)
{
	struct walk_word word = unknown;
	struct effect e;

	effect_of(&e, insn);
	see_uses(state, insn, &e);
	see_compare(state, insn);
	if (e.store == STORE_PUSH)
		return push(state, insn, &e);
	if (e.is_pop || e.is_leave)
		return pop(state, insn, &e);
	if (e.step || e.is_pair || e.dest_next != DECODE_NONE)
		return false;
	if (e.store)
		store(state, insn, &e);
	else if (e.dest != DECODE_NONE)
		word = result(state, insn, &e);
	else
		lose_memory(state, insn);
	for (unsigned i = 0; i < WALK_REGISTERS; i++)
		if (e.writes & REG_BIT(i))
			state->regs[i] = unknown;
	if (!e.store && e.dest != DECODE_NONE)
		state->regs[e.dest] = word;
	return true;
}
