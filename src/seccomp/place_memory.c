#include "seccomp/place_memory.h"

#include "seccomp/machine.h"

static void give_global(struct place_step *out, const struct place *place,
			uint64_t address)
{
	out->is_global = true;
	out->address = address;
	out->global = *place;
}

void place_of_operand(struct place_step *out, const struct place *place,
		      const struct insn *insn, uint64_t at,
		      const struct place_frame *frame)
{
	struct place next = *place;

	next.offset = insn->disp;
	next.reg = insn->base;
	if (insn->is_thread || insn->is_short)
		place_lose(out, "a thread's own memory");
	else if (insn->index != DECODE_NONE)
		place_lose(out, "an array in memory");
	else if (insn->base == DECODE_RIP)
		give_global(out, place, decode_operand(insn, at));
	else if (insn->base == DECODE_NONE)
		give_global(out, place, frame->base + (uint64_t)insn->disp);
	else
		place_move(out, &next);
}

bool place_is_stack(uint8_t reg, const struct place_frame *frame)
{
	return reg == frame->machine->stack ||
	       (reg == frame->machine->frame && frame->is_framed);
}

/* Whether a store through one register may hit memory at another. */
static bool may_alias(const struct place *place, const struct insn *insn,
		      const struct place_frame *frame)
{
	bool is_global = insn->base == DECODE_RIP || insn->base == DECODE_NONE;

	if (insn->is_thread)
		return false; /* the thread's block: never taken for a slot */
	if (frame->is_stack_shown)
		return !(is_global && insn->index == DECODE_NONE &&
			 place_is_stack(place->reg, frame));
	/* Nobody else has the stack's address, so only the stack's own do. */
	return place_is_stack(place->reg, frame) ==
		       place_is_stack(insn->base, frame) &&
	       !is_global;
}

/* What a store of eight bytes at most left for a read of width. */
static void from_store(struct place_step *out, const struct place *place,
		       const struct effect *e, uint8_t reg)
{
	struct place next = *place;
	struct place_op cut = { OP_ZERO, 8, place->width, 0 };

	if (!place_push_op(out, &next, &cut))
		return;
	next.is_memory = false;
	next.offset = 0;
	next.reg = reg;
	if (e->source == SOURCE_CONST)
		place_give(out, &next, (uint64_t)e->imm);
	else if (e->source == SOURCE_REG && reg == DECODE_NONE)
		place_give(out, &next, 0);
	else if (e->source == SOURCE_REG)
		place_move(out, &next);
	else
		place_lose(out, "a value that is not followed");
}

static void over_store(struct place_step *out, const struct place *place,
		       const struct effect *e, const struct insn *insn,
		       const struct place_frame *frame)
{
	int64_t from = insn->disp;
	int64_t to = from + e->store_width;
	unsigned each = e->is_pair ? e->store_width / 2u : e->store_width;

	if (insn->base != place->reg || insn->index != DECODE_NONE ||
	    insn->is_thread || insn->is_short) {
		if (may_alias(place, insn, frame))
			place_lose(out, "memory that others may change");
		else
			place_move(out, place);
		return;
	}
	if (place->offset + place->width <= from || place->offset >= to)
		place_move(out, place);
	else if (place->offset == from && place->width <= each && each <= 8)
		from_store(out, place, e, e->reg);
	else if (e->is_pair && place->offset == from + each &&
		 place->width <= each)
		from_store(out, place, e, e->other);
	else
		place_lose(out, "part of what was stored");
}

static void over_push(struct place_step *out, const struct place *place,
		      const struct effect *e, const struct place_frame *frame)
{
	struct place next = *place;

	if (place->reg != frame->machine->stack) {
		place_move(out, place);
	} else if (place->offset == 0 && place->width <= 8) {
		from_store(out, place, e, e->reg);
	} else if (place->offset < 8) {
		place_lose(out, "part of what was stored");
	} else {
		next.offset -= 8;
		place_move(out, &next);
	}
}

/* The register that the memory is counted from changes. */
static void over_base(struct place_step *out, const struct place *place,
		      const struct effect *e, const struct insn *insn,
		      uint64_t at, const struct place_frame *frame)
{
	struct place next = *place;
	uint8_t stack = frame->machine->stack;

	if (e->is_leave && place->reg == stack) {
		next.reg = frame->machine->frame;
		next.offset += 8;
		place_move(out, &next);
		return;
	}
	if (e->is_pop && place->reg == stack && e->dest != stack) {
		next.offset += 8;
		place_move(out, &next);
		return;
	}
	if (e->dest == place->reg && e->source == SOURCE_CONST &&
	    frame->is_fixed && e->width >= 4 && !e->is_maybe) {
		give_global(out, place,
			    frame->base + (uint32_t)e->imm +
				    (uint64_t)place->offset);
		return;
	}
	if (e->dest != place->reg || e->width != 8 || e->is_maybe) {
		place_lose(out, "an address that is not followed");
		return;
	}
	if (e->source == SOURCE_SELF && e->op == OP_ADD) {
		next.offset += e->imm;
		place_move(out, &next);
	} else if (e->source == SOURCE_REG && e->op == OP_NONE) {
		next.reg = e->reg;
		place_move(out, &next);
	} else if (e->source == SOURCE_ADDRESS && insn->index == DECODE_NONE) {
		place_of_operand(out, place, insn, at, frame);
		out->address += (uint64_t)place->offset;
		out->places[0].offset += place->offset;
	} else {
		place_lose(out, "an address that is not followed");
	}
}

/* Two registers may hold one stack: rbp is set from rsp and back. */
void place_memory_before(struct place_step *out, const struct place *place,
			 const struct effect *e, const struct insn *insn,
			 uint64_t at, const struct place_frame *frame)
{
	switch (e->store) {
	case STORE_PUSH:
		over_push(out, place, e, frame);
		return;
	case STORE_OPERAND:
		over_store(out, place, e, insn, frame);
		if (out->place_count && out->places[0].is_memory &&
		    e->writes & REG_BIT(out->places[0].reg))
			place_lose(out, "an address that is not followed");
		return;
	case STORE_ANYWHERE:
		if (frame->is_stack_shown ||
		    !place_is_stack(place->reg, frame) ||
		    e->writes & REG_BIT(place->reg))
			place_lose(out, "memory that others may change");
		else
			place_move(out, place);
		return;
	default:
		if (e->writes & REG_BIT(place->reg))
			over_base(out, place, e, insn, at, frame);
		else
			place_move(out, place);
	}
}
