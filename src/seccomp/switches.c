#include "seccomp/switches.h"

#include "seccomp/table.h"
#include "seccomp/values.h"

static void read_one(struct reach *reach, struct frames *frames, size_t i)
{
	struct reach_switch found = reach->switches.at[i];
	struct values values;

	if (found.base == DECODE_NONE)
		return;
	values_find(&values, frames, found.load, found.base);
	found.is_read = false;
	for (size_t n = 0; values.is_known && n < values.count; n++)
		table_read(reach, &found, values.values[n].value);
	reach->switches.at[i].is_read = found.is_read;
}

/* What is newly reached may lead to old switches by another way. */
void switches_read(struct reach *reach)
{
	size_t before;

	do {
		struct frames frames;
		size_t count = reach->switches.count;

		before = reach->work.count;
		frames_open(&frames, reach);
		for (size_t i = 0; i < count; i++)
			read_one(reach, &frames, i);
		frames_close(&frames);
		reach_again(reach);
	} while (reach->work.count > before);
}
