#include "seccomp/place.h"

#include "seccomp/machine.h"
#include "seccomp/place_memory.h"

static uint64_t mask_of(unsigned width)
{
	return width >= 8 ? ~(uint64_t)0 : ((uint64_t)1 << 8 * width) - 1;
}

static uint64_t sign_extend(uint64_t value, unsigned width)
{
	unsigned unused = 64 - 8 * width;

	return (uint64_t)((int64_t)(value << unused) >> unused);
}

static uint64_t apply(const struct place_op *op, uint64_t value)
{
	uint64_t imm = (uint64_t)op->imm;

	switch (op->op) {
	case OP_ADD:
		return value + imm;
	case OP_AND:
		return value & imm;
	case OP_OR:
		return value | imm;
	case OP_XOR:
		return value ^ imm;
	case OP_SHL:
		return value << (imm & 63);
	case OP_SHR:
		return (value & mask_of(op->width)) >> (imm & 63);
	case OP_NEG:
		return -value;
	case OP_NOT:
		return ~value;
	case OP_SIGN:
		return sign_extend(value, op->from_width);
	case OP_ZERO:
		return value & mask_of(op->from_width);
	case OP_INSERT:
		return (value & ~((uint64_t)0xffff << 8 * op->from_width)) |
		       imm;
	default:
		return value;
	}
}

uint64_t place_value(const struct place *place, uint64_t value)
{
	for (unsigned i = place->op_count; i-- > 0;) {
		const struct place_op *op = &place->ops[i];

		value = apply(op, value) & mask_of(op->width);
	}
	return value;
}

unsigned place_needs(const struct place *place, unsigned bytes)
{
	for (unsigned i = 0; i < place->op_count; i++) {
		const struct place_op *op = &place->ops[i];
		bool is_cut = op->op == OP_SIGN || op->op == OP_ZERO;

		if (op->width < bytes)
			bytes = op->width;
		if (is_cut && op->from_width < bytes)
			bytes = op->from_width;
		if (op->op == OP_SHR)
			bytes = op->width;
	}
	return bytes;
}

void place_lose(struct place_step *out, const char *why)
{
	*out = (struct place_step){ .lost = why };
}

void place_move(struct place_step *out, const struct place *place)
{
	if (!out->lost)
		out->places[out->place_count++] = *place;
}

void place_give(struct place_step *out, const struct place *place,
		uint64_t value)
{
	if (!out->lost)
		out->values[out->value_count++] = place_value(place, value);
}

bool place_push_op(struct place_step *out, struct place *place,
		   const struct place_op *op)
{
	if (op->op == OP_NONE && op->width == 8)
		return true;
	if (place->op_count == PLACE_OPS) {
		place_lose(out, "too long a computation");
		return false;
	}
	place->ops[place->op_count++] = *op;
	return true;
}

/* Only the low bytes matter: what is done next cuts off the rest. */
static bool wants_low(const struct place *place, unsigned width)
{
	const struct place_op *op;

	if (!place->op_count)
		return false;
	op = &place->ops[place->op_count - 1];
	return (op->op == OP_ZERO || op->op == OP_SIGN) &&
	       op->from_width <= width;
}

/* A byte or two of the register get a number; the others stay. */
static void give_part(struct place_step *out, const struct place *place,
		      unsigned width, uint64_t value)
{
	struct place rest = *place;
	struct place_op set = { OP_OR, 8, 0,
				(int64_t)(value & mask_of(width)) };
	struct place_op keep = { OP_AND, 8, 0, (int64_t)~mask_of(width) };

	if (place_push_op(out, &rest, &set) && place_push_op(out, &rest, &keep))
		place_move(out, &rest);
}

static void give(struct place_step *out, const struct place *place,
		 unsigned width, uint64_t value)
{
	if (width >= 4 || wants_low(place, width))
		place_give(out, place, value & mask_of(width));
	else
		give_part(out, place, width, value);
}

/* What a register holds, or zero for none, after a change. */
static void from_changed(struct place_step *out, const struct place *place,
			 uint8_t reg, const struct place_op *op)
{
	struct place next = *place;

	if (!place_push_op(out, &next, op))
		return;
	next.reg = reg;
	if (reg == DECODE_NONE)
		place_give(out, &next, 0);
	else
		place_move(out, &next);
}

static void from_register(struct place_step *out, const struct place *place,
			  const struct effect *e)
{
	if (e->width < 4 && !wants_low(place, e->width)) {
		place_lose(out, "part of a register");
		return;
	}
	from_changed(
		out, place, e->reg,
		&(struct place_op){ e->op, e->width, e->from_width, e->imm });
}

/* One of two registers, the second changed. */
static void from_either(struct place_step *out, const struct place *place,
			const struct effect *e)
{
	from_changed(out, place, e->reg,
		     &(struct place_op){ OP_NONE, e->width, 0, 0 });
	from_changed(out, place, e->other,
		     &(struct place_op){ e->op, e->width, 0, e->imm });
}

static void from_address(struct place_step *out, const struct place *place,
			 const struct effect *e, const struct insn *insn,
			 uint64_t at)
{
	struct place next = *place;
	bool is_index = insn->base == DECODE_NONE && insn->scale == 1;

	if (insn->base == DECODE_RIP) {
		place_give(out, place, decode_operand(insn, at));
		return;
	}
	if (insn->base == DECODE_NONE && insn->index == DECODE_NONE) {
		place_give(out, place, (uint64_t)insn->disp);
		return;
	}
	if (!is_index && insn->index != DECODE_NONE) {
		place_lose(out, "a computation");
		return;
	}
	next.reg = is_index ? insn->index : insn->base;
	if (place_push_op(
		    out, &next,
		    &(struct place_op){ OP_ADD, e->width, 0, insn->disp }))
		place_move(out, &next);
}

/* The same register, before op changed it. */
static void from_self(struct place_step *out, const struct place *place,
		      const struct effect *e)
{
	struct place next = *place;
	struct place_op op = { e->op, e->width, e->from_width, e->imm };

	if (e->width < 4) {
		uint64_t mask = mask_of(e->width);

		if (e->op != OP_AND && e->op != OP_OR && e->op != OP_XOR) {
			place_lose(out, "part of a register");
			return;
		}
		op.width = 8;
		op.imm = (int64_t)((uint64_t)e->imm & mask);
		if (e->op == OP_AND)
			op.imm = (int64_t)((uint64_t)e->imm | ~mask);
	}
	if (place_push_op(out, &next, &op))
		place_move(out, &next);
}

static void from_load(struct place_step *out, const struct place *place,
		      const struct effect *e, const struct insn *insn,
		      uint64_t at, const struct place_frame *frame)
{
	struct place next = *place;
	unsigned width = e->from_width ? e->from_width : e->width;
	struct place_op op = { e->op, e->width, e->from_width, 0 };

	if (e->width < 4 && !wants_low(place, e->width)) {
		place_lose(out, "part of a register");
		return;
	}
	if (!place_push_op(out, &next, &op))
		return;
	next.is_memory = true;
	next.width = (uint8_t)width;
	if (e->is_pop) {
		next.reg = frame->machine->stack;
		next.offset = 0;
		place_move(out, &next);
		return;
	}
	place_of_operand(out, &next, insn, at, frame);
}

/* The register is written: by what? */
static void register_before(struct place_step *out, const struct place *place,
			    const struct effect *e, const struct insn *insn,
			    uint64_t at, const struct place_frame *frame)
{
	if (place->reg == e->dest_next) {
		struct insn next = *insn;

		next.disp += e->from_width ? e->from_width : e->width;
		from_load(out, place, e, &next, at, frame);
		return;
	}
	if (e->dest != place->reg) {
		place_lose(out, "a value that is not followed");
		return;
	}
	if (e->is_maybe)
		place_move(out, place);
	switch (e->source) {
	case SOURCE_CONST:
		give(out, place, e->width, (uint64_t)e->imm);
		break;
	case SOURCE_REG:
		from_register(out, place, e);
		break;
	case SOURCE_MEMORY:
		from_load(out, place, e, insn, at, frame);
		break;
	case SOURCE_ADDRESS:
		from_address(out, place, e, insn, at);
		break;
	case SOURCE_SELF:
		from_self(out, place, e);
		break;
	case SOURCE_BIT:
		give(out, place, 1, 0);
		give(out, place, 1, 1);
		break;
	case SOURCE_MASK:
		place_give(out, place, 0);
		place_give(out, place, mask_of(e->width));
		break;
	case SOURCE_EITHER:
		from_either(out, place, e);
		break;
	default:
		place_lose(out, "a computation");
		break;
	}
}

/* The register that an instruction's operand counts from moves on by it. */
static bool step_base(struct place_step *out, struct place *place,
		      struct effect *e, const struct insn *insn)
{
	const struct place_op add = { OP_ADD, 8, 0, e->step };

	if (!e->step || e->dest == insn->base || e->dest_next == insn->base)
		return true;
	e->writes &= ~REG_BIT(insn->base);
	if (place->reg != insn->base)
		return true;
	if (!place->is_memory)
		return place_push_op(out, place, &add);
	place->offset += e->step;
	return true;
}

void place_before(struct place_step *out, const struct place *after,
		  const struct insn *insn, uint64_t at,
		  const struct place_frame *frame)
{
	struct place stepped = *after;
	const struct place *place = &stepped;
	struct effect e;

	*out = (struct place_step){ 0 };
	effect_of(&e, insn);
	if (!step_base(out, &stepped, &e, insn))
		return;
	if (place->is_memory)
		place_memory_before(out, place, &e, insn, at, frame);
	else if (!(e.writes & REG_BIT(place->reg)))
		place_move(out, place);
	else if (e.is_leave ||
		 (e.is_pop && place->reg == frame->machine->stack) ||
		 e.store == STORE_PUSH)
		place_lose(out, "the stack pointer");
	else
		register_before(out, place, &e, insn, at, frame);
}

void place_before_call(struct place_step *out, const struct place *place,
		       bool is_syscall, const struct place_frame *frame)
{
	const struct machine *machine = frame->machine;
	bool is_stack = place_is_stack(place->reg, frame);
	bool is_lost;

	*out = (struct place_step){ 0 };
	if (is_syscall)
		is_lost = machine->lost & REG_BIT(place->reg);
	else
		is_lost = frame->saves_nothing
				  ? place->reg != machine->stack
				  : !(machine->kept & REG_BIT(place->reg));
	if (is_lost)
		place_lose(out, "the result of a call");
	else if (place->is_memory && (!is_stack || frame->is_stack_shown))
		place_lose(out, "memory that a call may change");
	else
		place_move(out, place);
}

void place_at_caller(struct place_step *out, const struct place *place,
		     const struct machine *machine)
{
	struct place next = *place;

	*out = (struct place_step){ 0 };
	if (next.reg == machine->stack) {
		/* The call may have pushed where to return to. */
		if (!next.is_memory || next.offset < machine->return_size) {
			place_lose(out, "the stack pointer");
			return;
		}
		next.offset -= machine->return_size;
	}
	place_move(out, &next);
}
