#ifndef SECCOMP_TABLE_H
#define SECCOMP_TABLE_H

/*
 * table: the jump tables of switch statements. Within a function of known
 * extent they hold no news, except of parts that the compiler moved away;
 * elsewhere they are the only way on.
 */
#include "seccomp/reach.h"

enum { TABLE_WINDOW = 24 };

/*
 * Where the instructions decoded last are, in their order in memory. They are
 * kept by their addresses: few are ever looked at.
 */
struct table_window {
	const struct module *module;
	uint64_t count;
	uint64_t at[TABLE_WINDOW];
	struct insn insns[TABLE_WINDOW]; /* of those that were asked for */
};

static inline void table_begin(struct table_window *window,
			       const struct module *module)
{
	window->module = module;
	window->count = 0;
}

static inline void table_see(struct table_window *window, uint64_t at)
{
	window->at[window->count++ % TABLE_WINDOW] = at;
}

/* The instruction that many before the last, or NULL. */
const struct insn *table_back(uint64_t *at, struct table_window *window,
			      uint64_t steps);

/*
 * The last instruction seen is an indirect jump: link to where its table
 * leads. region is its function's, or NULL. A table that is not found in the
 * window is added to reach->switches.
 */
void table_follow(struct reach *reach, const struct module *module,
		  struct table_window *window, const struct region *region);

/* For struct machine: see there. */
bool table_x86(struct reach_switch *out, const struct module *module,
	       struct table_window *window);
bool table_a64(struct reach_switch *out, const struct module *module,
	       struct table_window *window);

bool table_a64_is_origin(const struct module *module, const struct insn *insn,
			 uint64_t at);

/* Whether all entries of such a table would lead into the range. */
bool table_stays(const struct reach *reach, const struct reach_switch *found,
		 uint64_t begin, struct elf_range range);

/* Link to where a switch leads whose table begins at that address. */
void table_read(struct reach *reach, struct reach_switch *found,
		uint64_t begin);

#endif
