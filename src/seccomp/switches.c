#include "seccomp/switches.h"

#include "seccomp/table.h"
#include "seccomp/values.h"

enum { ROUNDS_MAX = 24 };

/*
 * Of a base that cannot be followed it is known that the function makes it:
 * each address that it makes may be the table's.
 */
static void read_any(struct reach *reach, struct frames *frames,
		     struct reach_switch *found)
{
	const struct module *module = program_module(reach->program, found->at);
	struct elf_range range = module_extent(module, found->at);

	if (!frames_spend(frames, reach->uses.count))
		return;
	for (size_t i = 0; i < reach->uses.count; i++) {
		const struct reach_use use = reach->uses.at[i];

		if (use.is_made && use.at >= range.begin &&
		    use.at < range.end &&
		    table_stays(reach, found, use.address, range))
			table_read(reach, found, use.address);
	}
}

static void read_one(struct reach *reach, struct frames *frames, size_t i)
{
	struct reach_switch found = reach->switches.at[i];
	struct values values;

	if (found.begin) {
		found.is_read = false;
		table_read(reach, &found, found.begin);
		reach->switches.at[i].is_read = found.is_read;
		return;
	}
	if (found.base == DECODE_NONE)
		return;
	values_find(&values, frames, found.load, found.base, 8);
	found.is_read = false;
	for (size_t n = 0; values.is_known && n < values.count; n++)
		table_read(reach, &found, values.values[n].value);
	if (!values.is_known && found.count && !found.is_bounded)
		read_any(reach, frames, &found);
	reach->switches.at[i].is_read = found.is_read;
}

static bool read_round(struct reach *reach)
{
	size_t count = reach->switches.count;
	size_t before = reach->work.count;
	struct frames frames;

	frames_open(&frames, reach);
	for (size_t i = 0; i < count; i++)
		read_one(reach, &frames, i);
	frames_close(&frames);
	reach_again(reach);
	return reach->work.count > before;
}

/*
 * What is newly reached may lead to old switches by another way. Real programs
 * settle in three or four rounds; one that does not keeps its switches open.
 */
void switches_read(struct reach *reach)
{
	for (int round = 0; round < ROUNDS_MAX; round++)
		if (!read_round(reach))
			return;
	for (size_t i = 0; i < reach->switches.count; i++) {
		reach->switches.at[i].is_read = false;
		reach->switches.at[i].is_bounded = false;
	}
}
