#include "seccomp/escape.h"

#include <stdlib.h>

#include "seccomp/machine.h"

enum { STATES_MAX = 4096, SWITCHES_MAX = 32 };

/* Just before the instruction at that address the register holds it. */
struct state {
	uint64_t at;
	uint8_t reg;
};

struct trail {
	const struct reach *reach;
	const struct module *module;
	struct escape *out;
	size_t switches; /* followed; each costs a look at all edges */
	size_t count;
	struct state states[STATES_MAX];
};

static bool add(struct trail *trail, uint64_t at, uint8_t reg)
{
	for (size_t i = 0; i < trail->count; i++)
		if (trail->states[i].at == at && trail->states[i].reg == reg)
			return true;
	if (trail->count == STATES_MAX)
		return false;
	trail->states[trail->count++] = (struct state){ at, reg };
	return true;
}

static bool add_call(struct trail *trail, uint64_t at, bool is_jump)
{
	struct escape *out = trail->out;

	for (size_t i = 0; i < out->count; i++)
		if (out->calls[i] == at)
			return true;
	if (out->count == ESCAPE_CALLS)
		return false;
	out->jumps[out->count] = is_jump;
	out->calls[out->count++] = at;
	return true;
}

enum use { USE_NONE, USE_COPY, USE_LOOK, USE_END, USE_ESCAPE };

/* What a call or an end of the function means for a register. */
static enum use use_by_flow(const struct insn *insn, uint8_t reg)
{
	const struct machine *machine = insn->machine;

	switch (insn->flow) {
	case FLOW_CALL:
	case FLOW_CALL_TO:
		if (REG_BIT(reg) & machine->passed)
			return USE_ESCAPE;
		return REG_BIT(reg) & machine->kept ? USE_NONE : USE_END;
	case FLOW_SYSCALL:
		if (REG_BIT(reg) & machine->passed)
			return USE_ESCAPE;
		return REG_BIT(reg) & machine->lost ? USE_END : USE_NONE;
	case FLOW_RETURN:
		return REG_BIT(reg) & machine->returned ? USE_ESCAPE : USE_END;
	case FLOW_JUMP_TO:
	case FLOW_FOREIGN:
		return USE_ESCAPE;
	case FLOW_STOP:
		return USE_END;
	default:
		return USE_NONE;
	}
}

static enum use use_of(const struct insn *insn, uint8_t reg)
{
	struct effect e;

	effect_of(&e, insn);
	if (!insn->machine->names(insn, reg))
		return e.writes & REG_BIT(reg) ? USE_END : USE_NONE;
	if (insn->machine->only_looks(insn))
		return insn->has_memory && insn->base == reg ? USE_ESCAPE
							     : USE_LOOK;
	if (e.dest == reg && !e.is_maybe &&
	    !(insn->has_memory && (insn->base == reg || insn->index == reg)) &&
	    (e.source == SOURCE_CONST || e.source == SOURCE_MEMORY ||
	     e.source == SOURCE_ADDRESS ||
	     (e.source == SOURCE_REG && e.reg != reg)))
		return USE_END;
	if (e.source == SOURCE_REG && e.reg == reg && e.dest != DECODE_NONE &&
	    e.dest != reg && e.width == 8 && e.op == OP_NONE && !e.is_maybe &&
	    !e.store)
		return USE_COPY;
	return USE_ESCAPE;
}

/* To whatever runs next. */
static bool go_on(struct trail *trail, const struct insn *insn, uint64_t at,
		  uint8_t reg)
{
	uint64_t to = decode_target(insn, at);

	if ((insn->flow == FLOW_JUMP || insn->flow == FLOW_BRANCH) &&
	    (!module_mark(trail->module, to) || !add(trail, to, reg)))
		return false;
	return insn->flow == FLOW_JUMP || add(trail, at + insn->len, reg);
}

static bool is_read(const struct reach *reach, uint64_t at)
{
	for (size_t i = 0; i < reach->switches.count; i++)
		if (reach->switches.at[i].at == at &&
		    !reach->switches.at[i].is_read)
			return false;
	return true;
}

/* To wherever the table of a switch leads, if it was read. */
static bool go_on_switch(struct trail *trail, uint64_t at, uint8_t reg)
{
	const struct reach *reach = trail->reach;
	size_t found = 0;

	if (!is_read(reach, at) || ++trail->switches > SWITCHES_MAX)
		return false;
	for (size_t i = 0; i < reach->edges.count; i++) {
		const struct reach_edge *edge = &reach->edges.at[i];

		if (edge->from != at || edge->kind != REACH_TABLE)
			continue;
		if (!add(trail, edge->to, reg))
			return false;
		found++;
	}
	return found;
}

/* The address itself is called. */
static bool is_call_of(const struct insn *insn, uint8_t reg)
{
	return (insn->flow == FLOW_CALL_TO || insn->flow == FLOW_JUMP_TO) &&
	       insn->to == reg;
}

static bool step(struct trail *trail, struct state state)
{
	struct insn insn;
	struct effect e;
	bool is_jump;
	enum use use;

	if (!module_decode(&insn, trail->module, state.at))
		return false;
	is_jump = insn.flow == FLOW_JUMP_TO;
	if (is_call_of(&insn, state.reg)) {
		if (!add_call(trail, state.at, is_jump))
			return false;
		use = is_jump ? USE_END : USE_NONE;
		if (!is_jump && use_by_flow(&insn, state.reg) != USE_NONE)
			use = USE_END;
	} else if (is_jump) {
		return !insn.machine->names(&insn, state.reg) &&
		       go_on_switch(trail, state.at, state.reg);
	} else {
		use = use_by_flow(&insn, state.reg);
		if (use == USE_NONE)
			use = use_of(&insn, state.reg);
	}
	if (use == USE_ESCAPE || use == USE_END)
		return use == USE_END;
	effect_of(&e, &insn);
	if (use == USE_COPY && !go_on(trail, &insn, state.at, e.dest))
		return false;
	return go_on(trail, &insn, state.at, state.reg);
}

bool escape_follow(struct escape *out, const struct reach *reach,
		   uint64_t taker)
{
	struct trail *trail = mem_new(1, sizeof(*trail));
	struct insn insn;
	struct effect e;
	bool is_good = false;

	*out = (struct escape){ 0 };
	trail->reach = reach;
	trail->module = program_module(reach->program, taker);
	trail->out = out;
	if (trail->module && module_decode(&insn, trail->module, taker)) {
		effect_of(&e, &insn);
		is_good = e.dest != DECODE_NONE && e.width == 8 && !e.store &&
			  !e.is_maybe && add(trail, taker + insn.len, e.dest);
	}
	for (size_t i = 0; is_good && i < trail->count; i++)
		is_good = step(trail, trail->states[i]);
	free(trail);
	return is_good;
}
