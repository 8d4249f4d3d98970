#include "seccomp/table.h"

#include <elf.h>

#include "data/bytes.h"
#include "seccomp/machine.h"
#include "seccomp/reach_parts.h"

/* An index that begins above 0 leaves the first entries to other data. */
enum { ENTRIES_MAX = 4096, UNUSED_MAX = 8, NEAR = 1 << 20 };

const struct insn *table_back(uint64_t *at, struct table_window *window,
			      uint64_t steps)
{
	uint64_t i;

	if (steps >= window->count || steps >= TABLE_WINDOW)
		return NULL;
	i = (window->count - 1 - steps) % TABLE_WINDOW;
	*at = window->at[i];
	if (!module_decode(&window->insns[i], window->module, *at))
		return NULL;
	return &window->insns[i];
}

/* Where entry i leads: an address, or a distance from somewhere. */
static bool entry(uint64_t *to, const struct module *module,
		  const struct reach_switch *way, uint64_t begin, uint64_t i)
{
	uint64_t at = begin + i * way->width;
	struct slice bytes = module_bytes(module, at);
	uint64_t distance;

	if (!way->width || bytes.len < way->width)
		return false;
	if (way->width < 8) {
		distance = way->is_unsigned ? bytes_number(bytes, 0, way->width)
					    : (uint64_t)bytes_signed(
						      bytes, 0, way->width);
		*to = (way->origin ? way->origin : begin) +
		      (distance << way->shift);
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

bool table_stays(const struct reach *reach, const struct reach_switch *found,
		 uint64_t begin, struct elf_range range)
{
	const struct module *module = program_module(reach->program, begin);
	uint64_t to;

	if (!module || found->count >= ENTRIES_MAX)
		return false;
	for (uint64_t i = 0; i < found->count; i++)
		if (!entry(&to, module, found, begin, i) || to < range.begin ||
		    to >= range.end)
			return false;
	return true;
}

void table_read(struct reach *reach, struct reach_switch *found, uint64_t begin)
{
	const struct module *module = program_module(reach->program, begin);
	uint64_t count = found->count < ENTRIES_MAX ? found->count : 0;
	/* Among a byte's values all lead somewhere near. */
	bool is_dense = !count && found->width < 4;
	uint64_t end = found->is_bounded && !is_dense
			       ? UINT64_MAX
			       : reach_next_data(reach, begin);
	uint64_t to;

	if (!module || module != program_module(reach->program, found->at))
		return;
	for (uint64_t i = 0; i < (count ? count : ENTRIES_MAX); i++) {
		bool is_good = entry(&to, module, found, begin, i) &&
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
		  struct table_window *window, const struct region *region)
{
	struct reach_switch found;

	if (!module->machine->find_table(&found, module, window))
		return;
	/* Addresses in data are followed, whatever reads them. */
	found.is_bounded = region != NULL || found.width == 8;
	/*
	 * A table of unknown length ends at the latest where another thing
	 * begins that code refers to; that is known when all code is.
	 */
	if (found.begin && (found.count || (region && found.width >= 4)))
		table_read(reach, &found, found.begin);
	if (!found.is_read)
		LIST_ADD(&reach->switches, found);
}
