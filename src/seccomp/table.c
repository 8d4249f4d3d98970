#include "seccomp/table.h"

#include <elf.h>

#include "data/bytes.h"
#include "seccomp/reach_parts.h"

/* An index that begins above 0 leaves the first entries to other data. */
enum { ENTRIES_MAX = 4096, UNUSED_MAX = 8, NEAR = 1 << 20 };

struct jump_table {
	struct reach_switch way;
	uint64_t begin; /* 0: not found */
};

void table_see(struct table_window *window, const struct insn *insn,
	       uint64_t at)
{
	window->insns[window->count % TABLE_WINDOW] = *insn;
	window->at[window->count++ % TABLE_WINDOW] = at;
}

/* The instruction that many before the last, or NULL. */
static const struct insn *back(uint64_t *at, const struct table_window *window,
			       uint64_t steps)
{
	uint64_t i;

	if (steps >= window->count || steps >= TABLE_WINDOW)
		return NULL;
	i = (window->count - 1 - steps) % TABLE_WINDOW;
	*at = window->at[i];
	return &window->insns[i];
}

static bool is_one(const struct insn *insn, uint8_t opcode)
{
	return insn->encoding == ENCODING_LEGACY && insn->map == MAP_ONE &&
	       insn->opcode == opcode;
}

/* The address that the nearest lea before steps put into the register. */
static uint64_t find_base(const struct table_window *window, uint8_t reg,
			  uint64_t steps)
{
	const struct insn *insn;
	uint64_t at;

	while ((insn = back(&at, window, ++steps)))
		if (is_one(insn, 0x8d) && insn->reg == reg)
			return insn->base == DECODE_RIP
				       ? at + insn->len + (uint64_t)insn->disp
				       : 0;
	return 0;
}

/* cmp $n of any width: how far the switch goes. */
static bool is_limit(uint64_t *limit, const struct insn *insn)
{
	bool is_group = is_one(insn, 0x80) || is_one(insn, 0x81) ||
			is_one(insn, 0x83);

	if (!(is_group && (insn->reg & 7) == 7) && !is_one(insn, 0x3c) &&
	    !is_one(insn, 0x3d))
		return false;
	*limit = (uint64_t)insn->imm & (insn->imm_size == 1 ? 0xff : ~0u);
	return true;
}

/* ja keeps the limit, jae leaves it out. */
static bool is_above(bool *is_equal, const struct insn *insn)
{
	uint8_t condition = insn->opcode & 0xf;

	*is_equal = condition == 3;
	return insn->flow == FLOW_BRANCH && (condition == 7 || *is_equal) &&
	       (insn->map == MAP_0F || (insn->opcode & 0xf0) == 0x70);
}

/* How many entries: by the comparison that guards the jump. */
static uint64_t find_count(const struct table_window *window, uint64_t steps)
{
	const struct insn *insn;
	bool is_guarded = false;
	bool is_equal = false;
	bool is_exclusive = false;
	uint64_t at, limit;

	while ((insn = back(&at, window, ++steps))) {
		if (is_above(&is_equal, insn)) {
			is_guarded = true;
			is_exclusive = is_equal;
		} else if (is_guarded && is_limit(&limit, insn)) {
			return is_exclusive ? limit : limit + 1;
		}
	}
	return 0;
}

/* The table that an instruction with a scaled index reads. */
static void set_table(struct jump_table *out, const struct module *module,
		      const struct table_window *window, uint64_t steps,
		      const struct insn *load)
{
	back(&out->way.load, window, steps);
	out->way.width = load->scale;
	out->way.base = load->base;
	out->way.count = find_count(window, steps);
	if (load->base == DECODE_NONE)
		out->begin = module->base + (uint64_t)load->disp;
	else if (!load->disp)
		out->begin = find_base(window, load->base, steps);
	else
		out->way.base = DECODE_NONE;
}

/*
 * "jmp *T(,%i,8)", or a load with a scaled index some instructions before
 * "jmp *%r". Returns false for a jump through an ordinary pointer.
 */
static bool find_table(struct jump_table *out, const struct module *module,
		       const struct table_window *window)
{
	uint64_t at;
	const struct insn *jump = back(&at, window, 0);
	const struct insn *insn;

	*out = (struct jump_table){ .way = { .at = at, .base = DECODE_NONE } };
	if (jump->has_memory) {
		if (jump->index == DECODE_NONE)
			return false;
		set_table(out, module, window, 0, jump);
		return true;
	}
	bool is_sum = false;

	for (uint64_t steps = 1; (insn = back(&at, window, steps)); steps++) {
		bool is_load = is_one(insn, 0x63) || is_one(insn, 0x8b);

		if (insn->flow != FLOW_NEXT)
			break;
		if (is_load && insn->has_memory && insn->scale >= 4 &&
		    insn->index != DECODE_NONE) {
			set_table(out, module, window, steps, insn);
			return true;
		}
		if (is_load && insn->reg == jump->rm)
			return false;
		is_sum |= (is_one(insn, 0x01) && insn->rm == jump->rm) ||
			  (is_one(insn, 0x03) && insn->reg == jump->rm);
	}
	/*
	 * A register that was loaded long before holds an ordinary pointer,
	 * one that was just added to does not.
	 */
	return is_sum;
}

static bool entry(uint64_t *to, const struct module *module, uint64_t begin,
		  unsigned width, uint64_t i)
{
	uint64_t at = begin + i * width;
	struct slice bytes = module_bytes(module, at);

	if (bytes.len < width)
		return false;
	if (width == 4) {
		*to = begin + (uint64_t)bytes_signed(bytes, 0, 4);
		return true;
	}
	const struct slot *slot = module_slot(module, at);

	*to = module->base +
	      (slot ? (uint64_t)slot->addend : bytes_number(bytes, 0, 8));
	return true;
}

/* Without a known count a table ends where it leads elsewhere. */
static bool is_near(const struct module *module, uint64_t at, uint64_t to)
{
	const struct region *region = module_region(module, at);

	if (region)
		return to >= region->begin && to < region->end;
	return to - at + NEAR < (uint64_t)2 * NEAR;
}

void table_read(struct reach *reach, struct reach_switch *found, uint64_t begin)
{
	const struct module *module = program_module(reach->program, begin);
	uint64_t count = found->count < ENTRIES_MAX ? found->count : 0;
	uint64_t end = found->is_bounded ? UINT64_MAX
					 : reach_next_data(reach, begin);
	uint64_t to;

	if (!module || module != program_module(reach->program, found->at))
		return;
	for (uint64_t i = 0; i < (count ? count : ENTRIES_MAX); i++) {
		bool is_good = entry(&to, module, begin, found->width, i) &&
			       module_is_code(module, to) &&
			       (count || (is_near(module, found->at, to) &&
					  begin + i * found->width < end));

		if (is_good)
			reach_link(reach, to, found->at, REACH_TABLE);
		else if (found->is_read || i > UNUSED_MAX)
			break;
		found->is_read |= is_good;
	}
}

void table_follow(struct reach *reach, const struct module *module,
		  const struct table_window *window,
		  const struct region *region)
{
	struct jump_table table;

	if (!find_table(&table, module, window))
		return;
	table.way.is_bounded = region != NULL;
	table.way.begin = table.begin;
	/*
	 * A table of unknown length ends at the latest where another thing
	 * begins that code refers to; that is known when all code is.
	 */
	if (table.begin && (table.way.count || region))
		table_read(reach, &table.way, table.begin);
	if (!table.way.is_read)
		LIST_ADD(&reach->switches, table.way);
}
