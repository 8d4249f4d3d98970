#include "seccomp/frames.h"

#include <elf.h>
#include <stdlib.h>

#include "seccomp/machine.h"

enum known {
	KNOWN_FRAME = 1,
	KNOWN_SHOWN = 2,
	KNOWN_FRAMED = 4,
	KNOWN_RETURN = 8,
	KNOWN_NO_RETURN = 16,
	KNOWN_ASKED = 32, /* being worked out further up */
	KNOWN_TWICE = 64,
};

enum { DEPTH_MAX = 24, STEPS_MAX = 1 << 28 };

void frames_open(struct frames *out, const struct reach *reach)
{
	size_t count = reach->program->modules.count;

	*out = (struct frames){ .reach = reach };
	twice_find(&out->twice, reach->program);
	out->known = mem_new(count, sizeof(uint8_t *));
	for (size_t i = 0; i < count; i++)
		out->known[i] = mem_new(
			reach->program->modules.at[i].regions.count + 1, 1);
}

void frames_close(struct frames *frames)
{
	for (size_t i = 0; i < frames->reach->program->modules.count; i++)
		free(frames->known[i]);
	free(frames->known);
	frames->known = NULL;
}

bool frames_spend(struct frames *frames, uint64_t steps)
{
	frames->steps += steps;
	return frames->steps < STEPS_MAX;
}

static uint8_t *known_of(struct frames *frames, const struct module *module,
			 const struct region *region)
{
	size_t number = (size_t)(module - frames->reach->program->modules.at);

	return &frames->known[number][region - module->regions.at];
}

static uint8_t scan(const struct frames *frames, const struct module *module,
		    const struct region *region)
{
	unsigned use = 0;
	bool is_twice = false;
	struct insn insn;

	for (uint64_t at = region->begin; at < region->end;) {
		if (!(*module_mark(module, at) & MARK_INSN) ||
		    !module_decode(&insn, module, at)) {
			at += module->machine->unit;
			continue;
		}
		use |= module->machine->stack_use(&insn, module->is_go);
		is_twice |= twice_uses(&frames->twice, frames->reach, &insn,
				       at);
		at += insn.len;
	}
	bool is_framed = use & STACK_FRAMED;
	bool is_spoilt = use & STACK_SPOILT;

	/* One that is both is a stack address in a common register. */
	bool is_shown = use & STACK_SHOWN || (is_framed && is_spoilt) ||
			is_twice;

	return (uint8_t)(KNOWN_FRAME | (is_shown ? KNOWN_SHOWN : 0) |
			 (is_twice ? KNOWN_TWICE : 0) |
			 (is_framed && !is_spoilt ? KNOWN_FRAMED : 0));
}

static uint8_t frame_of(struct frames *frames, const struct module *module,
			const struct region *region)
{
	uint8_t *known = known_of(frames, module, region);

	if (!(*known & KNOWN_FRAME))
		*known |= scan(frames, module, region);
	return *known;
}

struct place_frame frames_at(struct frames *frames, uint64_t address)
{
	const struct module *module = program_module(frames->reach->program,
						     address);
	const struct region *region = module_region(module, address);
	struct place_frame frame = {
		.machine = module->machine,
		.base = module->base,
		.is_fixed = module->view.type == ET_EXEC,
		.saves_nothing = module->is_go,
		.is_stack_shown = true,
	};

	if (!region)
		return frame;
	uint8_t known = frame_of(frames, module, region);

	frame.is_stack_shown = known & KNOWN_SHOWN;
	frame.is_framed = known & KNOWN_FRAMED;
	return frame;
}

bool frames_is_twice(struct frames *frames, uint64_t address)
{
	const struct module *module = program_module(frames->reach->program,
						     address);
	const struct region *region = module_region(module, address);

	return !region || frame_of(frames, module, region) & KNOWN_TWICE;
}

static bool may_return(struct frames *frames, uint64_t address, unsigned depth);

/* Control leaves the region for another place. */
static bool leaves_to_return(struct frames *frames, const struct region *region,
			     const struct insn *insn, uint64_t at,
			     unsigned depth)
{
	uint64_t to;

	switch (insn->flow) {
	case FLOW_RETURN:
		return true;
	case FLOW_JUMP_TO:
		to = reach_target(frames->reach, insn, at);
		return !to || may_return(frames, to, depth);
	case FLOW_JUMP:
	case FLOW_BRANCH:
		to = decode_target(insn, at);
		if (to >= region->begin && to < region->end)
			return false;
		to = reach_target(frames->reach, insn, at);
		return !to || may_return(frames, to, depth);
	default:
		return false;
	}
}

static bool region_returns(struct frames *frames, const struct module *module,
			   const struct region *region, unsigned depth)
{
	struct insn insn = { .flow = FLOW_STOP };

	for (uint64_t at = region->begin; at < region->end;) {
		const uint8_t *mark = module_mark(module, at);

		if (!(*mark & MARK_INSN) || !module_decode(&insn, module, at)) {
			at += module->machine->unit;
			continue;
		}
		if (leaves_to_return(frames, region, &insn, at, depth))
			return true;
		at += insn.len;
	}
	return insn.flow == FLOW_NEXT || insn.flow == FLOW_BRANCH ||
	       insn.flow == FLOW_SYSCALL;
}

/* A function that waits for its own answer gets none by that path. */
static bool may_return(struct frames *frames, uint64_t address, unsigned depth)
{
	const struct module *module = program_module(frames->reach->program,
						     address);
	const struct region *region = module ? module_region(module, address)
					     : NULL;

	if (!region || region->begin != address || depth > DEPTH_MAX ||
	    !frames_spend(frames, region->end - region->begin))
		return true;
	uint8_t *known = known_of(frames, module, region);

	if (*known & (KNOWN_RETURN | KNOWN_ASKED))
		return *known & KNOWN_RETURN;
	if (*known & KNOWN_NO_RETURN)
		return false;
	*known |= KNOWN_ASKED;
	bool answer = region_returns(frames, module, region, depth + 1);

	*known &= (uint8_t)~KNOWN_ASKED;
	/* Further down an answer may rest on one that is still open. */
	if (answer)
		*known |= KNOWN_RETURN;
	else if (depth == 0)
		*known |= KNOWN_NO_RETURN;
	return answer;
}

bool frames_returns(struct frames *frames, uint64_t address)
{
	return may_return(frames, address, 0);
}
