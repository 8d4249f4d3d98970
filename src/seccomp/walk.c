#include "seccomp/walk.h"

#include <stdlib.h>
#include <string.h>

#include "seccomp/machine.h"
#include "seccomp/walk_cells.h"
#include "seccomp/walk_state.h"

enum { STATES_MAX = 4096, STEPS_MAX = 1 << 17 };

struct walk {
	struct frames *frames;
	const struct module *module;
	struct values *out;
	uint64_t site; /* what is asked for: a register before that call, */
	uint8_t reg;
	unsigned arguments;		/* of which the callee gets so many */
	const struct region *inner;	/* the site's own function */
	uint64_t call;			/* of the function that is begun with */
	LIST(struct walk_state) states; /* at beginnings of ways; each once */
	size_t steps;
	bool is_lost;
};

static void give(struct walk *walk, const struct values *values)
{
	struct values *out = walk->out;

	for (size_t i = 0; i < values->count; i++) {
		size_t n = 0;

		while (n < out->count &&
		       out->values[n].value != values->values[i].value)
			n++;
		if (n == VALUES_MAX) {
			walk->is_lost = true;
			return;
		}
		if (n == out->count)
			out->values[out->count++] = values->values[i];
	}
}

/*
 * What a word is that the caller left; false where nobody knows. Arguments on
 * the stack are known to nobody but the function that gets them.
 */
static bool resolve(struct values *out, struct walk *walk,
		    const struct walk_word *word)
{
	const struct machine *machine = walk->module->machine;
	uint64_t call = walk->call;

	out->is_known = false;
	out->count = 0;
	if (word->kind == WALK_NUMBER) {
		out->is_known = true;
		out->count = 1;
		out->values[0] = (struct value){ word->value, walk->site };
	} else if (word->kind == WALK_FIRST) {
		values_find(out, walk->frames, call, (uint8_t)word->value, 8);
	} else if (word->kind == WALK_PASSED) {
		values_find_pushed(out, walk->frames, call,
				   (int64_t)word->value - machine->return_size);
	}
	return out->is_known;
}

/* The same way for all that it may be, or -1. */
static int way_of(struct walk *walk, const struct walk_state *state,
		  const struct insn *insn)
{
	struct values values;
	int way = -1;

	if (!state->is_compared || !resolve(&values, walk, &state->compared))
		return -1;
	for (size_t i = 0; i < values.count; i++) {
		int one = walk->module->machine->compared_way(
			insn, values.values[i].value, state->compared_with,
			(unsigned)state->compare_width);

		if (one < 0 || (i && one != way))
			return -1;
		way = one;
	}
	return way;
}

static void begin(struct walk *walk, const struct walk_state *state)
{
	for (size_t i = 0; i < walk->states.count; i++)
		if (memcmp(&walk->states.at[i], state, sizeof(*state)) == 0)
			return;
	if (walk->states.count == STATES_MAX)
		walk->is_lost = true;
	else
		LIST_ADD(&walk->states, *state);
}

/* What the callee does with what it gets, nobody sees. */
static void over_call(struct walk *walk, struct walk_state *state)
{
	const struct machine *machine = walk->module->machine;
	const struct walk_word *sp = &state->regs[machine->stack];
	/* Whoever is called in another language may get more than C passes. */
	uint32_t passed = ~machine->kept;

	if (state->at == walk->site) {
		passed = 0;
		for (unsigned i = 0; i < walk->arguments; i++)
			passed |= REG_BIT(machine->arguments[i]);
	} else if (walk_cells_passes_stack(state, sp->value)) {
		state->is_shown = true;
	}
	for (unsigned i = 0; i < WALK_REGISTERS; i++) {
		if (state->regs[i].kind == WALK_STACK && passed & REG_BIT(i))
			state->is_shown = true;
		if (!(machine->kept & REG_BIT(i)))
			state->regs[i] = (struct walk_word){ 0 };
	}
	state->is_compared = false;
	if (state->is_shown)
		walk_cells_forget(state);
	else
		walk_cells_forget_below(state, sp->value);
}

/* What is asked for, if this is where. */
static bool see_site(struct walk *walk, const struct walk_state *state)
{
	struct values values;

	if (state->at != walk->site)
		return true;
	if (!resolve(&values, walk, &state->regs[walk->reg]))
		return false;
	give(walk, &values);
	return true;
}

/* True: the way goes on where state is then. */
static bool over_any_call(struct walk *walk, struct walk_state *state,
			  const struct insn *insn)
{
	uint64_t to = reach_target(walk->frames->reach, insn, state->at);
	struct walk_word *sp = &state->regs[walk->module->machine->stack];

	if (sp->kind != WALK_STACK || !see_site(walk, state)) {
		walk->is_lost = true;
		return false;
	}
	if (to && to == walk->inner->begin) {
		sp->value -= 8;
		walk_cells_store(state, sp->value, 8,
				 (struct walk_word){ WALK_RETURN,
						     state->at + insn->len });
		state->at = to;
		return true;
	}
	if (to && !frames_returns(walk->frames, to))
		return false;
	over_call(walk, state);
	state->at += insn->len;
	return true;
}

static bool over_return(struct walk *walk, struct walk_state *state)
{
	struct walk_word *sp = &state->regs[walk->module->machine->stack];
	struct walk_word to;

	if (sp->kind == WALK_STACK && sp->value == 0)
		return false;
	to = sp->kind == WALK_STACK ? walk_cells_load(state, sp->value, 8)
				    : (struct walk_word){ 0 };
	if (to.kind != WALK_RETURN) {
		walk->is_lost = true;
		return false;
	}
	sp->value += 8;
	state->at = to.value;
	return true;
}

static void over_branch(struct walk *walk, struct walk_state *state,
			const struct insn *insn)
{
	uint64_t jump = decode_target(insn, state->at);
	uint64_t next = state->at + insn->len;
	int way = way_of(walk, state, insn);
	struct effect e;

	effect_of(&e, insn);
	walk->is_lost |= e.writes != 0;
	state->is_compared = false;
	if (way != 0) {
		state->at = jump;
		begin(walk, state);
	}
	if (way != 1) {
		state->at = next;
		begin(walk, state);
	}
}

/* Another function is gone on with, and that returns for this one. */
static void over_jump_to(struct walk *walk, const struct walk_state *state,
			 const struct insn *insn)
{
	if (!reach_target(walk->frames->reach, insn, state->at) ||
	    !see_site(walk, state))
		walk->is_lost = true;
}

/* True: the way goes on. */
static bool step(struct walk *walk, struct walk_state *state)
{
	const uint8_t *mark = module_mark(walk->module, state->at);
	struct insn insn;

	if (!mark || !(*mark & MARK_INSN) ||
	    !module_decode(&insn, walk->module, state->at) ||
	    ++walk->steps > STEPS_MAX || !frames_spend(walk->frames, 1)) {
		walk->is_lost = true;
		return false;
	}
	switch (insn.flow) {
	case FLOW_NEXT:
		walk->is_lost |= !walk_state_step(state, &insn);
		state->at += insn.len;
		return true;
	case FLOW_CALL:
	case FLOW_CALL_TO:
		return over_any_call(walk, state, &insn);
	case FLOW_JUMP:
		walk->is_lost |= !see_site(walk, state);
		state->at = decode_target(&insn, state->at);
		begin(walk, state);
		return false;
	case FLOW_BRANCH:
		over_branch(walk, state, &insn);
		return false;
	case FLOW_JUMP_TO:
		over_jump_to(walk, state, &insn);
		return false;
	case FLOW_RETURN:
		return over_return(walk, state);
	case FLOW_STOP:
		return false;
	default:
		walk->is_lost = true;
		return false;
	}
}

/* All ways through a function that one call of it may go. */
static void walk_from(struct walk *walk, uint64_t begins, uint64_t call)
{
	struct walk_state *state = mem_new(1, sizeof(*state));

	walk->call = call;
	walk->states.count = 0;
	walk_state_begin(state, begins, walk->module->machine);
	begin(walk, state);
	for (size_t i = 0; i < walk->states.count && !walk->is_lost; i++) {
		*state = walk->states.at[i];
		while (!walk->is_lost && step(walk, state))
			;
	}
	free(state);
}

/* Nothing leads into a function but calls of it that are seen. */
static bool is_closed(const struct walk *walk, const struct region *region)
{
	const struct reach *reach = walk->frames->reach;

	if (region->lsda || frames_is_twice(walk->frames, region->begin))
		return false;
	for (uint64_t at = region->begin; at < region->end; at++) {
		uint8_t mark = *module_mark(walk->module, at);
		size_t count;
		const struct reach_edge *edges;

		if (mark & (MARK_UNKNOWN | MARK_TAKEN))
			return false;
		if (!(mark & MARK_JOIN))
			continue;
		edges = reach_edges(&count, reach, at);
		for (size_t i = 0; i < count; i++)
			if ((edges[i].from < region->begin ||
			     edges[i].from >= region->end) &&
			    (at != region->begin ||
			     edges[i].kind != REACH_CALL))
				return false;
	}
	return true;
}

static void from_callers(struct walk *walk, const struct region *region)
{
	size_t count;
	const struct reach_edge *edges = reach_edges(
		&count, walk->frames->reach, region->begin);

	walk->is_lost |= !count || !is_closed(walk, region);
	for (size_t i = 0; i < count && !walk->is_lost; i++)
		if (edges[i].kind == REACH_CALL)
			walk_from(walk, region->begin, edges[i].from);
}

/* The list of arguments was handed on: begin where that was done. */
static void from_outer(struct walk *walk)
{
	size_t count;
	const struct reach_edge *edges = reach_edges(
		&count, walk->frames->reach, walk->inner->begin);

	walk->is_lost = !is_closed(walk, walk->inner);
	walk->out->count = 0;
	for (size_t i = 0; i < count && !walk->is_lost; i++) {
		const struct region *outer;

		if (edges[i].kind != REACH_CALL)
			continue;
		outer = program_module(walk->frames->reach->program,
				       edges[i].from) == walk->module
				? module_region(walk->module, edges[i].from)
				: NULL;
		if (outer)
			from_callers(walk, outer);
		else
			walk->is_lost = true;
	}
}

void walk_find(struct values *out, struct frames *frames, uint64_t at,
	       uint8_t reg, unsigned arguments)
{
	const struct module *module = program_module(frames->reach->program,
						     at);
	struct values found = { .count = 0 };
	struct walk walk = {
		.frames = frames,
		.module = module,
		.out = &found,
		.site = at,
		.reg = reg,
		.arguments = arguments,
		.inner = module_region(module, at),
	};

	if (!module->machine->adds || !walk.inner || module->is_go)
		return;
	from_callers(&walk, walk.inner);
	if (walk.is_lost)
		from_outer(&walk);
	free(walk.states.at);
	if (walk.is_lost || !found.count)
		return;
	found.is_known = true;
	*out = found;
}
