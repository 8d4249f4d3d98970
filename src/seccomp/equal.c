#include "seccomp/equal.h"

#include "seccomp/machine.h"

enum {
	STEPS_MAX = 12, /* instructions looked at; compilers need three */
	MARKS_JOINED = MARK_JOIN | MARK_UNKNOWN | MARK_TAKEN | MARK_BEGIN,
};

/*
 * The one instruction from which control can come to *at, if it is one: code
 * may overlap, so two may end there.
 */
static bool only_before(struct insn *out, const struct module *module,
			uint64_t *at)
{
	const struct machine *machine = module->machine;
	uint64_t found = 0;

	if (*module_mark(module, *at) & MARKS_JOINED)
		return false;
	for (uint64_t len = machine->unit; len <= machine->len_max; len++) {
		const uint8_t *mark = module_mark(module, *at - len);
		struct insn insn;

		if (!mark || !(*mark & MARK_INSN) ||
		    !module_decode(&insn, module, *at - len) || insn.len != len)
			continue;
		if (found)
			return false;
		found = len;
		*out = insn;
	}
	*at -= found;
	return found && out->flow == FLOW_NEXT;
}

/* Back over one instruction; false where that needs more than one place. */
static bool move_back(struct place *place, struct frames *frames,
		      const struct insn *insn, uint64_t at)
{
	const struct place_frame frame = frames_at(frames, at);
	struct place_step step;

	place_before(&step, place, insn, at, &frame);
	if (step.lost || step.is_global || step.value_count ||
	    step.place_count != 1)
		return false;
	*place = step.places[0];
	return true;
}

static bool writes(const struct insn *insn, uint8_t reg)
{
	struct effect e;

	effect_of(&e, insn);
	return e.writes & REG_BIT(reg);
}

static bool is_told(const struct equal *fact, const struct place *place,
		    unsigned bytes)
{
	return fact->width && !place->is_memory && place->reg == fact->reg &&
	       place_needs(place, bytes) <= fact->width;
}

/*
 * Back from the branch, as long as there is one way only: first to what set
 * the flags that it looks at, then to where the place was in the register
 * that this is about, which must not have changed since.
 */
bool equal_value(uint64_t *value, struct frames *frames,
		 const struct place *place, unsigned bytes,
		 const struct equal_branch *branch)
{
	uint64_t at = branch->at;
	const struct module *module = program_module(frames->reach->program,
						     at);
	const struct machine *machine = module->machine;
	struct place now = *place;
	struct insn insn = *branch->insn;
	struct equal fact = { 0 };

	if (!machine->equal_way(&fact, &insn, branch->is_jump))
		return false;
	for (int i = 0; i < STEPS_MAX; i++) {
		/* Behind the instruction; or before it. */
		if (!is_told(&fact, &now, bytes) &&
		    ((fact.width && writes(&insn, fact.reg)) ||
		     !move_back(&now, frames, &insn, at)))
			return false;
		if (is_told(&fact, &now, bytes)) {
			*value = place_value(&now, fact.value);
			return true;
		}
		if (!only_before(&insn, module, &at))
			return false;
		if (!fact.width && !machine->equal_sets(&fact, &insn) &&
		    !machine->equal_keeps(&insn))
			return false;
	}
	return false;
}
