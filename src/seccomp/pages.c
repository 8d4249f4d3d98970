#include "seccomp/pages.h"

#include <stdlib.h>
#include <string.h>

#include "seccomp/machine.h"
#include "seccomp/reach_parts.h"

/* Far more than real programs need; hostile ones must come to an end. */
enum {
	STATES_MAX = 1 << 17,
	BUCKETS = 2 * STATES_MAX,
	SPILLS = 256,
	STEPS_MAX = 1 << 28
};

/* Just before the instruction at that address the register holds the page. */
struct state {
	uint64_t at;
	uint32_t slot; /* its bucket */
	uint8_t reg;
};

/* A place that a function counts from a register; begin 0: none. */
struct spill {
	uint64_t begin; /* of the function */
	int64_t disp;
	uint8_t base; /* DECODE_NONE: any */
};

struct trail {
	struct reach *reach;
	struct module *module;
	uint64_t page;
	struct elf_range wide_in; /* a function that was seen whole, */
	bool is_seeing;		  /* it is being looked through */
	uint32_t wide;		  /* for these registers */
	uint64_t landed_at;	  /* a region whose exceptions were followed, */
	uint32_t landed;	  /* for these registers */
	/* Places in memory whose loads were looked for, the latest of each. */
	struct spill spills[SPILLS];
	bool is_blocked; /* it may go on once more tables are read */
	size_t count;
	struct state *states;
	uint32_t *buckets; /* indices into states, plus one */
};

/* False when a program has cost more than any real one does. */
static bool spend(struct trail *trail, uint64_t steps)
{
	trail->reach->page_steps += steps;
	return trail->reach->page_steps < STEPS_MAX;
}

static bool spend_range(struct trail *trail, struct elf_range range)
{
	return spend(trail,
		     (range.end - range.begin) / trail->module->machine->unit);
}

static bool add(struct trail *trail, uint64_t at, uint8_t reg)
{
	if (trail->wide & REG_BIT(reg) && at >= trail->wide_in.begin &&
	    at < trail->wide_in.end)
		return true;
	uint64_t hash = (at << 5 | reg) * 0x9e3779b97f4a7c15;
	size_t slot = hash >> 40 & (BUCKETS - 1);

	for (; trail->buckets[slot]; slot = (slot + 1) & (BUCKETS - 1)) {
		const struct state *state =
			&trail->states[trail->buckets[slot] - 1];

		if (state->at == at && state->reg == reg)
			return true;
	}
	if (trail->count == STATES_MAX)
		return false;
	trail->states[trail->count++] = (struct state){ at, (uint32_t)slot,
							reg };
	trail->buckets[slot] = (uint32_t)trail->count;
	return true;
}

/* The instruction adds a number to the page, or reads or writes there. */
static void see_use(struct trail *trail, const struct insn *insn, uint64_t at)
{
	uint64_t address = trail->page + (uint64_t)insn->disp;
	struct effect e;

	if (insn->is_address || insn->index != DECODE_NONE) {
		reach_see_address(trail->reach, trail->module, address, at);
	} else {
		effect_of(&e, insn);
		reach_see_word(trail->reach, trail->module, insn, address, at);
		if (e.dest_next != DECODE_NONE)
			reach_see_word(trail->reach, trail->module, insn,
				       address + e.width, at);
	}
	LIST_ADD(&trail->reach->uses,
		 (struct reach_use){ at, address, insn->is_address });
}

static bool step(struct trail *trail, struct state state);

/*
 * Where a jump through a register leads, nobody knows yet: in all of the
 * function the register is taken to hold the page.
 */
static bool see_whole(struct trail *trail, uint64_t at, uint8_t reg)
{
	struct elf_range range = module_extent(trail->module, at);
	bool is_good = true;

	/* Too long to be one function, or made to be. */
	if (trail->is_seeing && trail->wide_in.begin != range.begin)
		return false;
	if (trail->wide_in.begin != range.begin)
		trail->wide = 0;
	trail->wide_in = range;
	if (trail->wide & REG_BIT(reg))
		return true;
	trail->wide |= REG_BIT(reg);
	trail->is_seeing = true;
	for (at = range.begin; is_good && at < range.end;
	     at += trail->module->machine->unit)
		is_good = step(trail, (struct state){ at, 0, reg });
	trail->is_seeing = false;
	return is_good;
}

struct landing {
	struct trail *trail;
	uint8_t reg;
	bool is_good;
};

static void see_landing(void *context, uint64_t address)
{
	struct landing *landing = context;

	if (!add(landing->trail, landing->trail->module->base + address,
		 landing->reg))
		landing->is_good = false;
}

/* What an exception in a call goes on at; kept registers come there, too. */
static bool follow_landings(struct trail *trail, uint64_t at, uint8_t reg)
{
	const struct region *region = module_region(trail->module, at);
	struct landing landing = { trail, reg, true };

	if (!region || !region->lsda)
		return true;
	if (trail->landed_at != region->begin)
		trail->landed = 0;
	trail->landed_at = region->begin;
	if (trail->landed & REG_BIT(reg))
		return true;
	trail->landed |= REG_BIT(reg);
	/* A table that is not understood is open already. */
	reach_each_landing(trail->module, region, see_landing, &landing);
	return landing.is_good &&
	       spend_range(trail,
			   (struct elf_range){ region->begin, region->end });
}

/* The targets that tables have given a jump so far. */
static bool follow_leaps(struct trail *trail, uint64_t at, uint8_t reg)
{
	const struct reach *reach = trail->reach;

	trail->is_blocked = true;
	if (!spend(trail, reach->leaps.count))
		return false;
	for (size_t i = 0; i < reach->leaps.count; i++)
		if (reach->leaps.at[i].from == at &&
		    !add(trail, reach->leaps.at[i].to, reg))
			return false;
	return true;
}

/* The register comes back from a call, as the ABI has it. */
static bool is_kept(const struct trail *trail, const struct insn *insn,
		    uint8_t reg)
{
	const struct machine *machine = insn->machine;

	if (insn->flow == FLOW_SYSCALL)
		return !(machine->lost & REG_BIT(reg));
	return !trail->module->is_go && machine->kept & REG_BIT(reg);
}

/* To whatever runs next; behind a function's last call is another one. */
static bool go_on(struct trail *trail, const struct insn *insn, uint64_t at,
		  uint8_t reg)
{
	const struct module *module = trail->module;
	uint64_t next = at + insn->len, to;

	switch (insn->flow) {
	case FLOW_RETURN:
	case FLOW_STOP:
		return true;
	case FLOW_JUMP_TO:
		return see_whole(trail, at, reg) &&
		       follow_leaps(trail, at, reg);
	case FLOW_JUMP:
	case FLOW_BRANCH:
		to = decode_target(insn, at);
		/* To another function no page is passed. */
		if (!module_begins(module, to) && !reach_stub(module, to) &&
		    !add(trail, to, reg))
			return false;
		return insn->flow == FLOW_JUMP || add(trail, next, reg);
	case FLOW_CALL:
	case FLOW_CALL_TO:
		if (!is_kept(trail, insn, reg))
			return true;
		if (!follow_landings(trail, at, reg))
			return false;
		if (module_region(module, at) != module_region(module, next) ||
		    module_begins(module, next))
			return true;
		return add(trail, next, reg);
	case FLOW_SYSCALL:
		return !is_kept(trail, insn, reg) || add(trail, next, reg);
	default:
		return add(trail, next, reg);
	}
}

static bool is_copied(const struct effect *e, uint8_t reg)
{
	if (e->dest == DECODE_NONE || e->store || e->width != 8)
		return false;
	return (e->source == SOURCE_REG && e->op == OP_NONE && e->reg == reg) ||
	       (e->source == SOURCE_EITHER &&
		(e->reg == reg || e->other == reg));
}

/* The register that a load of eight bytes fills from a place in memory. */
static uint8_t loaded_from(const struct insn *load, int64_t disp)
{
	struct effect e;

	effect_of(&e, load);
	if (e.source != SOURCE_MEMORY || e.width != 8 || e.op != OP_NONE ||
	    load->index != DECODE_NONE)
		return DECODE_NONE;
	if (load->disp == disp)
		return e.dest;
	return load->disp + e.width == disp ? e.dest_next
					    : (uint8_t)DECODE_NONE;
}

/* Looked for already, in this trail: nothing new would be found. */
static bool is_new_spill(struct trail *trail, const struct spill *spill)
{
	size_t slot = ((uint64_t)spill->disp / 8 * 4 + spill->base) % SPILLS;
	struct spill *last = &trail->spills[slot];

	if (last->begin == spill->begin && last->disp == spill->disp &&
	    last->base == spill->base)
		return false;
	*last = *spill;
	return true;
}

/*
 * Registers that are short go to the stack: whatever the function loads from
 * that place may be the page. A compiler counts such a place from the stack or
 * the frame register, always in the same way, or in a large frame from another
 * one that it makes anew each time.
 */
static bool see_spill(struct trail *trail, const struct insn *store,
		      int64_t disp, uint64_t at)
{
	const struct machine *machine = trail->module->machine;
	struct elf_range range = module_extent(trail->module, at);
	bool is_stack = store->base == machine->stack ||
			store->base == machine->frame;
	struct insn insn;
	uint8_t reg;

	if (store->index != DECODE_NONE ||
	    !is_new_spill(trail,
			  &(struct spill){ range.begin, disp,
					   is_stack ? store->base
						    : (uint8_t)DECODE_NONE }))
		return true;
	if (!spend_range(trail, range))
		return false;
	for (at = range.begin; at < range.end; at += machine->unit) {
		if (!module_decode(&insn, trail->module, at) ||
		    (is_stack && insn.base != store->base))
			continue;
		reg = loaded_from(&insn, disp);
		if (reg != DECODE_NONE && !add(trail, at + insn.len, reg))
			return false;
	}
	return true;
}

/* Where a store keeps the page, if it does. False where that is lost. */
static bool see_store(struct trail *trail, const struct insn *insn,
		      const struct effect *e, struct state state)
{
	unsigned width = e->is_pair ? e->store_width / 2u : e->store_width;

	if (!e->store || e->source != SOURCE_REG || width != 8)
		return true;
	int64_t disp = insn->disp - e->step;

	if (e->reg == state.reg && !see_spill(trail, insn, disp, state.at))
		return false;
	return !e->is_pair || e->other != state.reg ||
	       see_spill(trail, insn, disp + width, state.at);
}

/* False where the page is no longer followed and the trail has lost it. */
static bool step(struct trail *trail, struct state state)
{
	const struct module *module = trail->module;
	struct insn insn;
	struct effect e;

	if (!spend(trail, 1))
		return false;
	if (!module_mark(module, state.at) ||
	    !module_decode(&insn, module, state.at))
		return true;
	effect_of(&e, &insn);
	if (insn.has_memory && insn.base == state.reg)
		see_use(trail, &insn, state.at);
	if (is_copied(&e, state.reg) && e.dest != state.reg &&
	    !add(trail, state.at + insn.len, e.dest))
		return false;
	if (!see_store(trail, &insn, &e, state))
		return false;
	if (e.writes & REG_BIT(state.reg))
		return true;
	return go_on(trail, &insn, state.at, state.reg);
}

static void follow(struct trail *trail, uint64_t at)
{
	struct insn insn;
	struct effect e;
	bool is_good = true;

	if (!module_decode(&insn, trail->module, at))
		return;
	effect_of(&e, &insn);
	if (e.dest == DECODE_NONE)
		return;
	trail->page = decode_operand(&insn, at);
	add(trail, at + insn.len, e.dest);
	for (size_t i = 0; is_good && i < trail->count; i++)
		is_good = step(trail, trail->states[i]);
	if (!is_good)
		LIST_ADD(&trail->reach->unpaged, at);
	if (trail->is_blocked)
		LIST_ADD(&trail->reach->blocked, at);
}

void pages_follow(struct reach *reach, size_t first)
{
	struct trail trail = {
		.reach = reach,
		.states = mem_grow(NULL, STATES_MAX, sizeof(struct state)),
		.buckets = mem_new(BUCKETS, sizeof(uint32_t)),
	};

	for (; first < reach->pages.count; first++) {
		uint64_t at = reach->pages.at[first];

		for (size_t i = 0; i < trail.count; i++)
			trail.buckets[trail.states[i].slot] = 0;
		trail.count = 0;
		trail.wide = 0;
		trail.landed = 0;
		memset(trail.spills, 0, sizeof(trail.spills));
		trail.is_blocked = false;
		trail.module = program_module(reach->program, at);
		follow(&trail, at);
	}
	free(trail.states);
	free(trail.buckets);
}
