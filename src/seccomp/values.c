#include "seccomp/values.h"

#include <elf.h>

#include "data/bytes.h"
#include "seccomp/equal.h"
#include "seccomp/escape.h"
#include "seccomp/globals.h"
#include "seccomp/idiom.h"
#include "seccomp/machine.h"
#include "seccomp/wishes.h"

struct search {
	struct frames *frames;
	const struct reach *reach;
	struct values *out;
	struct wishes wishes; /* each is gone back from once */
	unsigned bytes;	      /* of the value, from the lowest, that count */
	bool may_be_uncalled; /* all callers are known, even if there are none */
};

static void lose(struct search *search, const char *why, uint64_t at)
{
	struct values *out = search->out;

	if (out->is_known) {
		out->is_known = false;
		out->why = why;
		out->why_at = at;
	}
}

static void give(struct search *search, uint64_t value, uint64_t at)
{
	struct values *out = search->out;

	for (size_t i = 0; i < out->count; i++)
		if (out->values[i].value == value)
			return;
	if (out->count == VALUES_MAX)
		lose(search, "too many values", at);
	else
		out->values[out->count++] = (struct value){ value, at };
}

/* Four bytes are wished for where a system call's number is. */
static void lose_step(struct search *search, const char *why, uint64_t at)
{
	const struct module *module = program_module(search->reach->program,
						     at);
	int number = search->bytes == 4 ? idiom_number(module) : -1;

	if (number >= 0)
		give(search, (uint64_t)number, at);
	else
		lose(search, why, at);
}

static void wish(struct search *search, uint64_t at, const struct place *place)
{
	if (!wishes_add(&search->wishes, at, place))
		lose(search, "too many paths", at);
}

/* The wish goes on as one for the first argument: see idiom.h. */
static bool pass_to_all_threads(struct search *search, uint64_t at)
{
	const struct module *module = program_module(search->reach->program,
						     at);
	const uint8_t *mark;
	uint64_t entry;

	if (!idiom_all_threads(&entry, module, at))
		return false;
	mark = entry ? module_mark(module, entry) : NULL;
	if (mark && *mark & MARK_QUEUED)
		wish(search, entry,
		     &(struct place){ .reg = module->machine->go_argument });
	else
		search->may_be_uncalled = true; /* nobody leaves a number */
	return true;
}

/* What one step back over the instruction at that address has found. */
static void take_step(struct search *search, const struct place_step *step,
		      uint64_t at)
{
	uint64_t value;

	if (step->lost)
		lose_step(search, step->lost, at);
	for (unsigned i = 0; i < step->place_count; i++)
		wish(search, at, &step->places[i]);
	for (unsigned i = 0; i < step->value_count; i++)
		give(search, step->values[i], at);
	if (!step->is_global)
		return;
	const char *why = globals_value(&value, search->frames, step->address,
					step->global.width);

	if (why && !pass_to_all_threads(search, at))
		lose_step(search, why, at);
	if (!why)
		give(search, place_value(&step->global, value), at);
}

/* A call ends the path where the callee never returns. */
static bool call_returns(struct search *search, const struct insn *insn,
			 uint64_t at, uint64_t next)
{
	const struct module *module = program_module(search->reach->program,
						     at);
	uint64_t to;

	if (module_region(module, at) != module_region(module, next) ||
	    *module_mark(module, next) & MARK_BEGIN)
		return false;
	to = reach_target(search->reach, insn, at);
	return !to || frames_returns(search->frames, to);
}

/* Back over the instruction at that address, behind which it was. */
static void step_back(struct search *search, const struct wish *wanted,
		      const struct insn *insn, uint64_t at)
{
	const struct place_frame frame = frames_at(search->frames, at);
	struct place_step step;

	if (insn->flow == FLOW_CALL || insn->flow == FLOW_CALL_TO)
		place_before_call(&step, &wanted->place, false, &frame);
	else if (insn->flow == FLOW_SYSCALL || insn->flow == FLOW_FOREIGN)
		place_before_call(&step, &wanted->place, true, &frame);
	else
		place_before(&step, &wanted->place, insn, at, &frame);
	if (step.lost && pass_to_all_threads(search, at))
		return;
	take_step(search, &step, at);
}

/* The way of a branch may say what the value is: then that is all of it. */
static bool is_told(struct search *search, const struct wish *wanted,
		    const struct insn *insn, uint64_t at, bool is_jump)
{
	uint64_t value;

	if (insn->flow != FLOW_BRANCH ||
	    !equal_value(&value, search->frames, &wanted->place, search->bytes,
			 &(struct equal_branch){ insn, at, is_jump }))
		return false;
	give(search, value, at);
	return true;
}

/* A jump or a call from elsewhere: nothing changes but the way. */
static void follow_edge(struct search *search, const struct wish *wanted,
			uint64_t from, bool is_call)
{
	const struct module *module = program_module(search->reach->program,
						     from);
	struct place_step step;
	struct insn insn;

	if (!is_call) {
		if (!module_decode(&insn, module, from) ||
		    !is_told(search, wanted, &insn, from, true))
			wish(search, from, &wanted->place);
		return;
	}
	place_at_caller(&step, &wanted->place, module->machine);
	take_step(search, &step, from);
}

/*
 * Go's functions begin by looking whether the stack is large enough; if not,
 * they call for more and begin again, with everything as it was.
 */
static bool is_restart(struct search *search, uint64_t from, uint64_t to)
{
	const struct module *module = program_module(search->reach->program,
						     from);
	const struct region *region = module_region(module, from);

	return module->is_go && region && region->begin == to;
}

static bool over_edges(struct search *search, const struct wish *wanted)
{
	size_t count;
	const struct reach_edge *edges = reach_edges(&count, search->reach,
						     wanted->at);

	for (size_t i = 0; i < count; i++)
		if (edges[i].kind == REACH_CALL ||
		    !is_restart(search, edges[i].from, wanted->at))
			follow_edge(search, wanted, edges[i].from,
				    edges[i].kind == REACH_CALL);
	return count > 0;
}

/* Code holds the address: calls through it are edges like others. */
static void over_takers(struct search *search, const struct wish *wanted)
{
	size_t count;
	const struct reach_edge *takers = reach_takers(&count, search->reach,
						       wanted->at);
	struct escape escape;

	for (size_t i = 0; i < count; i++) {
		if (!escape_follow(&escape, search->reach, takers[i].from)) {
			lose(search, "a function whose address is passed on",
			     takers[i].from);
			return;
		}
		for (size_t n = 0; n < escape.count; n++)
			follow_edge(search, wanted, escape.calls[n],
				    !escape.jumps[n]);
	}
}

/* The instructions that end where the value is; code may overlap. */
static bool over_neighbours(struct search *search, const struct wish *wanted)
{
	const struct module *module = program_module(search->reach->program,
						     wanted->at);
	bool is_found = false;
	struct insn insn;

	for (uint64_t len = module->machine->unit;
	     len <= module->machine->len_max; len++) {
		uint64_t at = wanted->at - len;
		const uint8_t *mark = module_mark(module, at);

		if (!mark || !(*mark & MARK_INSN) ||
		    !module_decode(&insn, module, at) || insn.len != len ||
		    decode_ends_flow(&insn))
			continue;
		if ((insn.flow == FLOW_CALL || insn.flow == FLOW_CALL_TO) &&
		    !call_returns(search, &insn, at, wanted->at))
			continue;
		if (!is_told(search, wanted, &insn, at, false))
			step_back(search, wanted, &insn, at);
		is_found = true;
	}
	return is_found;
}

/* Filling between functions and before loops, which nothing runs. */
static bool is_padding(const struct module *module, uint64_t at)
{
	struct insn insn;

	for (;; at += insn.len) {
		const uint8_t *mark = module_mark(module, at);

		if (!mark || *mark & (MARK_JOIN | MARK_UNKNOWN | MARK_TAKEN))
			return mark != NULL;
		if (!module_decode(&insn, module, at) ||
		    !module->machine->is_padding(&insn))
			return false;
	}
}

static bool is_switch(struct search *search, uint64_t at)
{
	const struct reach *reach = search->reach;

	if (!frames_spend(search->frames, reach->edges.count))
		lose(search, "too much work", at);
	for (size_t i = 0; i < reach->edges.count; i++)
		if (reach->edges.at[i].from == at &&
		    reach->edges.at[i].kind == REACH_TABLE)
			return true;
	return false;
}

/* All indirect calls of a module, for a function that only they can reach. */
static bool over_private_calls(struct search *search, const struct wish *wanted,
			       const struct module *module)
{
	if (!idiom_is_private_table(search->reach, wanted->at))
		return false;
	search->may_be_uncalled = true;
	if (!frames_spend(search->frames, search->reach->insn_count))
		return false;
	for (size_t i = 0; i < module->regions.count; i++) {
		const struct region *region = &module->regions.at[i];
		struct insn insn;

		for (uint64_t at = region->begin; at < region->end; at++) {
			if (!(*module_mark(module, at) & MARK_INSN) ||
			    !module_decode(&insn, module, at) ||
			    reach_target(search->reach, &insn, at))
				continue;
			if (insn.flow == FLOW_CALL_TO ||
			    (insn.flow == FLOW_JUMP_TO &&
			     !is_switch(search, at)))
				follow_edge(search, wanted, at,
					    insn.flow == FLOW_CALL_TO);
		}
	}
	return true;
}

static void go_back(struct search *search, const struct wish *wanted)
{
	const struct module *module = program_module(search->reach->program,
						     wanted->at);
	const uint8_t *mark = module_mark(module, wanted->at);
	bool is_found = over_neighbours(search, wanted);

	if (*mark & MARK_UNKNOWN && !over_private_calls(search, wanted, module))
		lose(search, "code that data points to", wanted->at);
	is_found |= over_edges(search, wanted);
	if (*mark & MARK_TAKEN)
		over_takers(search, wanted);
	if (!is_found && !(*mark & (MARK_UNKNOWN | MARK_TAKEN)) &&
	    !is_padding(module, wanted->at))
		lose(search, "code that nothing is seen to lead to",
		     wanted->at);
}

/* At a fixed place addresses are plain numbers, of the module that has them. */
uint64_t values_address(const struct program *program,
			const struct value *value)
{
	const struct module *module = program_module(program, value->at);

	if (module && module->view.type == ET_EXEC && value->value &&
	    value->value < UINT32_MAX)
		return module->base + value->value;
	return value->value;
}

bool values_text(struct slice *out, const struct program *program,
		 const struct value *value)
{
	uint64_t address = values_address(program, value);
	const struct module *module = program_module(program, address);
	const struct elf_load *load;

	*out = (struct slice){ "", 0 };
	if (!address)
		return true;
	if (!module)
		return false;
	load = elf_view_load(&module->view, address - module->base);
	if (!load || load->flags & PF_W)
		return false;
	*out = bytes_text(module_bytes(module, address), 0);
	return out->len > 0;
}

static void find(struct values *out, struct frames *frames, uint64_t at,
		 const struct place *place, unsigned bytes)
{
	struct search search = {
		.frames = frames,
		.reach = frames->reach,
		.out = out,
		.bytes = bytes,
	};

	wishes_open(&search.wishes);
	out->is_known = true;
	out->count = 0;
	out->why = NULL;
	wish(&search, at, place);
	for (size_t i = 0; i < search.wishes.count && out->is_known; i++)
		if (frames_spend(frames, 1))
			go_back(&search, &search.wishes.all[i]);
		else
			lose(&search, "too much work", at);
	/* No path at all is no proof that the code does not run. */
	if (!out->count && !search.may_be_uncalled)
		lose(&search, "code that nothing is seen to lead to", at);
	wishes_close(&search.wishes);
}

void values_find(struct values *out, struct frames *frames, uint64_t at,
		 uint8_t reg, unsigned bytes)
{
	find(out, frames, at, &(struct place){ .reg = reg }, bytes);
}

void values_find_pushed(struct values *out, struct frames *frames, uint64_t at,
			int64_t offset)
{
	const struct machine *machine = frames->reach->program->machine;

	find(out, frames, at,
	     &(struct place){ .is_memory = true,
			      .reg = machine->stack,
			      .width = 8,
			      .offset = offset },
	     8);
}
