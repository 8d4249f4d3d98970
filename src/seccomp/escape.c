#include "seccomp/escape.h"

#include <stdlib.h>

#include "seccomp/effect.h"

enum { STATES_MAX = 4096 };

/* Just before the instruction at that address the register holds it. */
struct state {
	uint64_t at;
	uint8_t reg;
};

struct trail {
	const struct reach *reach;
	const struct module *module;
	struct escape *out;
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

/* Behind 0f, the ranges whose registers are all vectors. */
static bool is_vector(const struct insn *insn)
{
	uint8_t op = insn->opcode;

	if (insn->encoding != ENCODING_LEGACY)
		return insn->map == MAP_0F && op != 0x6e && op != 0x2a &&
		       op != 0xc4 && op != 0x92;
	return insn->map == MAP_0F &&
	       ((op >= 0x10 && op <= 0x1f) || op == 0x28 || op == 0x29 ||
		(op >= 0x51 && op <= 0x6d) || (op >= 0x6f && op <= 0x7f) ||
		(op >= 0xd0));
}

static bool names_reg(const struct insn *insn, uint8_t reg)
{
	if (insn->has_memory && (insn->base == reg || insn->index == reg))
		return true;
	if (insn->has_modrm)
		return !is_vector(insn) &&
		       (insn->reg == reg ||
			(!insn->has_memory && insn->rm == reg));
	/* push, pop, xchg and mov with the register in the opcode. */
	return insn->map == MAP_ONE &&
	       (uint8_t)((insn->opcode & 7) | (insn->rex & REX_B) << 3) == reg;
}

static bool is_one(const struct insn *insn, uint8_t opcode)
{
	return insn->encoding == ENCODING_LEGACY && insn->map == MAP_ONE &&
	       insn->opcode == opcode;
}

/* Instructions that use scratch registers without naming them. */
static bool uses_scratch(const struct insn *insn)
{
	return insn->map == MAP_ONE && insn->encoding == ENCODING_LEGACY &&
	       ((insn->opcode & 0xfc) == 0xa4 || insn->opcode >= 0xaa) &&
	       insn->opcode < 0xb0;
}

enum use { USE_NONE, USE_COPY, USE_LOOK, USE_END, USE_ESCAPE };

/* What a call or an end of the function means for a register. */
static enum use use_by_flow(const struct insn *insn, uint8_t reg)
{
	static const uint32_t arguments = REG_BIT(REG_DI) | REG_BIT(REG_SI) |
					  REG_BIT(REG_DX) | REG_BIT(REG_CX) |
					  REG_BIT(8) | REG_BIT(9);
	static const uint32_t dies = REG_BIT(REG_AX) | REG_BIT(10) |
				     REG_BIT(11);

	switch (insn->flow) {
	case FLOW_CALL:
	case FLOW_CALL_TO:
	case FLOW_SYSCALL:
		if (REG_BIT(reg) & arguments)
			return USE_ESCAPE;
		return REG_BIT(reg) & dies ? USE_END : USE_NONE;
	case FLOW_RETURN:
		return reg == REG_AX || reg == REG_DX ? USE_ESCAPE : USE_END;
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
	if (!names_reg(insn, reg)) {
		if (uses_scratch(insn) && reg < 8)
			return USE_ESCAPE;
		return e.writes & REG_BIT(reg) ? USE_END : USE_NONE;
	}
	if (is_one(insn, 0x85) || is_one(insn, 0x39) || is_one(insn, 0x3b) ||
	    (is_one(insn, 0x83) && (insn->reg & 7) == 7))
		return insn->has_memory && insn->base == reg ? USE_ESCAPE
							     : USE_LOOK;
	if (e.dest == reg && !e.is_maybe &&
	    !(insn->has_memory && (insn->base == reg || insn->index == reg)) &&
	    (e.source == SOURCE_CONST || e.source == SOURCE_MEMORY ||
	     e.source == SOURCE_ADDRESS ||
	     (e.source == SOURCE_REG && e.reg != reg)))
		return USE_END;
	if (e.source == SOURCE_REG && e.reg == reg && e.dest != DECODE_NONE &&
	    e.dest != reg && e.width == 8 && !e.is_maybe && !e.store)
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

/* The address itself is called. */
static bool is_call_of(const struct insn *insn, uint8_t reg)
{
	return (insn->flow == FLOW_CALL_TO || insn->flow == FLOW_JUMP_TO) &&
	       !insn->has_memory && insn->rm == reg;
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
