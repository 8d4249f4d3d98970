#include "seccomp/frames.h"

#include <elf.h>
#include <stdlib.h>

enum known {
	KNOWN_FRAME = 1,
	KNOWN_SHOWN = 2,
	KNOWN_BP_STACK = 4,
	KNOWN_RETURN = 8,
	KNOWN_NO_RETURN = 16,
	KNOWN_ASKED = 32, /* being worked out further up */
};

enum { DEPTH_MAX = 24, STEPS_MAX = 1 << 28 };

void frames_open(struct frames *out, const struct reach *reach)
{
	size_t count = reach->program->modules.count;

	*out = (struct frames){ .reach = reach };
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

static bool is_stack(uint8_t reg)
{
	return reg == REG_SP || reg == REG_BP;
}

/* mov, 64 bits wide, between two registers. */
static bool is_move(const struct insn *insn, uint8_t *to, uint8_t *from)
{
	if (insn->map != MAP_ONE || insn->encoding != ENCODING_LEGACY ||
	    insn->has_memory)
		return false;
	if (insn->opcode != 0x89 && insn->opcode != 0x8b)
		return false;
	*to = insn->opcode == 0x89 ? insn->rm : insn->reg;
	*from = insn->opcode == 0x89 ? insn->reg : insn->rm;
	return true;
}

static bool is_lea(const struct insn *insn)
{
	return insn->map == MAP_ONE && insn->encoding == ENCODING_LEGACY &&
	       insn->opcode == 0x8d;
}

/* Whether the instruction lets a stack address out of rsp and rbp. */
static bool shows_stack(const struct insn *insn)
{
	uint8_t op = insn->opcode;
	uint8_t to, from;

	if (insn->map != MAP_ONE || insn->encoding != ENCODING_LEGACY)
		return insn->map == MAP_0F && !insn->has_memory &&
		       ((op & 0xf0) == 0x40 || op == 0x6e) &&
		       is_stack(insn->rm);
	if (is_move(insn, &to, &from))
		return is_stack(from) && !is_stack(to);
	if (is_lea(insn))
		return (is_stack(insn->base) || is_stack(insn->index)) &&
		       !is_stack(insn->reg);
	if (op == 0x54 && !(insn->rex & REX_B))
		return true; /* push %rsp */
	if (!insn->has_modrm)
		return (op & 0xf8) == 0x90 && (op & 7) == REG_SP;
	if (op < 0x40) { /* arithmetic with a stack register as a source */
		uint8_t source = op & 2 ? insn->rm : insn->reg;
		bool is_reg = !(op & 2) || !insn->has_memory;

		return (op >> 3) != 7 && is_reg && is_stack(source) &&
		       !(insn->has_memory && op & 2);
	}
	/* mov of it to memory, xchg, push by ModRM. */
	return (op == 0x89 && is_stack(insn->reg)) ||
	       (op == 0x87 && (is_stack(insn->reg) ||
			       (!insn->has_memory && is_stack(insn->rm)))) ||
	       (op == 0xff && (insn->reg & 7) == 6 && !insn->has_memory &&
		is_stack(insn->rm));
}

/* rbp gets an address of the frame: "mov %rsp,%rbp", "lea 8(%rsp),%rbp". */
static bool sets_bp(const struct insn *insn)
{
	uint8_t to, from;

	if (is_move(insn, &to, &from))
		return to == REG_BP && from == REG_SP;
	return is_lea(insn) && insn->reg == REG_BP && insn->base == REG_SP &&
	       insn->index == DECODE_NONE;
}

/*
 * rbp becomes something that is no frame's. Taking the caller's back from the
 * stack ends the use of it; only Go does so with a mov.
 */
static bool spoils_bp(const struct insn *insn, bool is_go)
{
	struct effect e;

	effect_of(&e, insn);
	if (!(e.writes & REG_BIT(REG_BP)) || e.is_leave || e.is_pop)
		return false;
	if (is_go && e.dest == REG_BP && e.source == SOURCE_MEMORY &&
	    insn->base == REG_SP)
		return false;
	return !sets_bp(insn);
}

/* How Go keeps its caller's rbp. */
static bool is_bp_saved(const struct insn *insn)
{
	return insn->map == MAP_ONE && insn->opcode == 0x89 &&
	       insn->has_memory && insn->base == REG_SP && insn->reg == REG_BP;
}

static uint8_t scan(const struct module *module, const struct region *region)
{
	bool sets = false;
	bool spoils = false;
	bool shows = false;
	struct insn insn;

	for (uint64_t at = region->begin; at < region->end;) {
		if (!(*module_mark(module, at) & MARK_INSN) ||
		    !module_decode(&insn, module, at)) {
			at++;
			continue;
		}
		sets |= sets_bp(&insn);
		spoils |= spoils_bp(&insn, module->is_go);
		shows |= shows_stack(&insn) &&
			 !(module->is_go && is_bp_saved(&insn));
		at += insn.len;
	}
	/* An rbp that is both is a stack address in a common register. */
	shows |= sets && spoils;
	return (uint8_t)(KNOWN_FRAME | (shows ? KNOWN_SHOWN : 0) |
			 (sets && !spoils ? KNOWN_BP_STACK : 0));
}

struct place_frame frames_at(struct frames *frames, uint64_t address)
{
	const struct module *module = program_module(frames->reach->program,
						     address);
	const struct region *region = module_region(module, address);
	struct place_frame frame = {
		.base = module->base,
		.is_fixed = module->view.type == ET_EXEC,
		.saves_nothing = module->is_go,
		.is_stack_shown = true,
	};

	if (!region)
		return frame;
	uint8_t *known = known_of(frames, module, region);

	if (!(*known & KNOWN_FRAME))
		*known |= scan(module, region);
	frame.is_stack_shown = *known & KNOWN_SHOWN;
	frame.is_bp_stack = *known & KNOWN_BP_STACK;
	return frame;
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
			at++;
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
