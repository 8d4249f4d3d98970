#include "seccomp/decode_x86.h"
#include "seccomp/table.h"

static bool is_one(const struct insn *insn, uint8_t opcode)
{
	return insn->encoding == ENCODING_LEGACY && insn->map == MAP_ONE &&
	       insn->opcode == opcode;
}

/* The address that the nearest lea before steps put into the register. */
static uint64_t find_base(struct table_window *window, uint8_t reg,
			  uint64_t steps)
{
	const struct insn *insn;
	uint64_t at;

	while ((insn = table_back(&at, window, ++steps)))
		if (insn->is_address && insn->reg == reg)
			return insn->base == DECODE_RIP
				       ? decode_operand(insn, at)
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
static uint64_t find_count(struct table_window *window, uint64_t steps)
{
	const struct insn *insn;
	bool is_guarded = false;
	bool is_equal = false;
	bool is_exclusive = false;
	uint64_t at, limit;

	while ((insn = table_back(&at, window, ++steps))) {
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
static void set_table(struct reach_switch *out, const struct module *module,
		      struct table_window *window, uint64_t steps,
		      const struct insn *load)
{
	table_back(&out->load, window, steps);
	out->width = load->scale;
	out->base = load->base;
	out->count = find_count(window, steps);
	if (load->base == DECODE_NONE)
		out->begin = module->base + (uint64_t)load->disp;
	else if (!load->disp)
		out->begin = find_base(window, load->base, steps);
	else
		out->base = DECODE_NONE;
}

/*
 * "jmp *T(,%i,8)", or a load with a scaled index some instructions before
 * "jmp *%r".
 */
bool table_x86(struct reach_switch *out, const struct module *module,
	       struct table_window *window)
{
	uint64_t at;
	const struct insn *jump = table_back(&at, window, 0);
	const struct insn *insn;

	*out = (struct reach_switch){ .at = at, .base = DECODE_NONE };
	if (jump->has_memory) {
		if (jump->index == DECODE_NONE)
			return false;
		set_table(out, module, window, 0, jump);
		return true;
	}
	bool is_sum = false;

	for (uint64_t steps = 1; (insn = table_back(&at, window, steps));
	     steps++) {
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
