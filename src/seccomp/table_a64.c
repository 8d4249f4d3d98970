#include "seccomp/decode_a64.h"
#include "seccomp/effect.h"
#include "seccomp/table.h"

/* A register, as it is when the instruction that many back begins. */
struct want {
	uint8_t reg;
	uint64_t steps;
};

/* The instruction that last wrote the register, and what that does. */
static const struct insn *find_writer(struct effect *effect, uint64_t *at,
				      struct table_window *window,
				      struct want *want)
{
	const struct insn *insn;

	while ((insn = table_back(at, window, ++want->steps))) {
		effect_of(effect, insn);
		if (effect->writes & REG_BIT(want->reg))
			return insn;
	}
	return NULL;
}

/* The address that adr, or adrp and add, put into the register; or 0. */
static uint64_t find_address(struct table_window *window, struct want want)
{
	const struct insn *insn;
	struct effect e;
	uint64_t at, sum = 0;

	if (want.reg >= A64_SP)
		return 0;
	while ((insn = find_writer(&e, &at, window, &want))) {
		if (e.dest != want.reg)
			return 0;
		if (e.source == SOURCE_ADDRESS && insn->base == DECODE_RIP)
			return sum + decode_operand(insn, at);
		if (e.source == SOURCE_ADDRESS && insn->base < A64_SP) {
			sum += (uint64_t)insn->disp;
			want.reg = insn->base;
		} else if (e.source == SOURCE_REG && e.op == OP_NONE &&
			   e.width == 8 && e.reg < A64_SP) {
			want.reg = e.reg;
		} else {
			return 0;
		}
	}
	return 0;
}

enum { IF_ABOVE = 8, IF_NOT_BELOW = 2, IF_NOT_ABOVE = 9, IF_BELOW = 3 };

/* "cmp wN, #limit" and the branch behind it: how many entries; 0: unknown. */
static uint64_t find_count(struct table_window *window, uint64_t steps)
{
	const struct insn *insn;
	bool is_guarded = false;
	bool is_exclusive = false;
	uint64_t at;

	while ((insn = table_back(&at, window, ++steps))) {
		uint32_t condition = a64_bits(insn, 0, 4);

		if (a64_is(insn, 0xff000010, 0x54000000)) {
			is_exclusive = condition == IF_NOT_BELOW ||
				       condition == IF_BELOW;
			is_guarded = is_exclusive || condition == IF_ABOVE ||
				     condition == IF_NOT_ABOVE;
		} else if (is_guarded && a64_is(insn, 0x7fc0001f, 0x7100001f)) {
			return a64_bits(insn, 10, 12) + !is_exclusive;
		}
	}
	return 0;
}

/* The load of an entry; the register's name for the table is kept. */
static bool read_load(struct reach_switch *out, const struct insn *load,
		      const struct effect *e, struct table_window *window,
		      struct want want)
{
	if (e->source != SOURCE_MEMORY || !load->has_memory ||
	    load->index == DECODE_NONE || load->base >= A64_SP)
		return false;
	table_back(&out->load, window, want.steps);
	out->width = e->from_width ? e->from_width : e->width;
	out->is_unsigned = e->op != OP_SIGN;
	out->base = load->base;
	out->begin = find_address(window,
				  (struct want){ load->base, want.steps });
	out->count = find_count(window, want.steps);
	return true;
}

/* "ldr x1, [x1, x0, lsl #3]": the table holds addresses. */
static bool is_pointers(struct reach_switch *out, const struct insn *load,
			const struct effect *e, struct table_window *window,
			struct want want)
{
	return read_load(out, load, e, window, want) && out->width == 8;
}

/* What the second summand is made of, by the bits of the addition. */
static void read_extension(struct reach_switch *out, const struct insn *sum)
{
	bool is_extended = a64_bits(sum, 21, 1);

	out->shift = (uint8_t)(is_extended ? a64_bits(sum, 10, 3)
					   : a64_bits(sum, 10, 6));
	if (is_extended && a64_bits(sum, 13, 3) >= 4)
		out->is_unsigned = false;
}

/* "add x1, x2, w1, sxtb #2": x2 is where distances are counted from. */
static bool is_distances(struct reach_switch *out, const struct insn *sum,
			 struct table_window *window, struct want want)
{
	uint8_t places[2] = { a64_rm(sum), a64_rn(sum) };
	struct effect e;
	uint64_t at;

	for (int i = 0; i < 2; i++) {
		struct want entry = { places[i], want.steps };
		const struct insn *load;

		if (places[i] >= A64_SP)
			continue;
		load = find_writer(&e, &at, window, &entry);
		if (!load || e.dest != places[i] ||
		    !read_load(out, load, &e, window, entry))
			continue;
		read_extension(out, sum);
		out->origin = find_address(
			window, (struct want){ places[1 - i], want.steps });
		/* An origin that is not seen leaves the table unread. */
		if (!out->origin) {
			out->begin = 0;
			out->base = DECODE_NONE;
		}
		return true;
	}
	return true;
}

/* A sum, or a load with an index, makes a table; else it is a pointer. */
bool table_a64(struct reach_switch *out, const struct module *module,
	       struct table_window *window)
{
	uint64_t at, where;
	const struct insn *jump = table_back(&at, window, 0);
	struct want want = { jump->to, 0 };
	const struct insn *insn;
	struct effect e;

	(void)module;
	*out = (struct reach_switch){ .at = at, .base = DECODE_NONE };
	if (want.reg >= A64_SP)
		return false;
	insn = find_writer(&e, &where, window, &want);
	if (!insn || e.dest != want.reg)
		return false;
	if (a64_is(insn, 0xff000000, 0x8b000000))
		return is_distances(out, insn, window, want);
	return is_pointers(out, insn, &e, window, want);
}

enum { AHEAD = 8 };

/* "adr x1, L", soon added to and jumped to: L is where its table begins. */
bool table_a64_is_origin(const struct module *module, const struct insn *insn,
			 uint64_t at)
{
	uint8_t origin = a64_rd(insn);
	uint8_t sum = DECODE_NONE;
	struct insn next;

	for (int i = 0; i < AHEAD; i++) {
		at += insn->len;
		if (!module_decode(&next, module, at))
			return false;
		if (next.flow != FLOW_NEXT)
			return next.flow == FLOW_JUMP_TO &&
			       sum != DECODE_NONE && next.to == sum;
		if (a64_is(&next, 0xff000000, 0x8b000000) &&
		    (a64_rn(&next) == origin || a64_rm(&next) == origin))
			sum = a64_rd(&next);
	}
	return false;
}
