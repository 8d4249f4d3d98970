#include "seccomp/lookups.h"

#include <stdlib.h>

#include "seccomp/machine.h"
#include "seccomp/values.h"

enum { ROUNDS_MAX = 16 };

static const char *const finders[] = { "dlsym", "dlvsym" };

struct found {
	struct slice name;
	uint64_t at; /* the instruction that takes its address */
};

struct lookups {
	struct reach *reach;
	struct frames frames;
	LIST(struct found) names;
	bool is_open;
};

static void see_call(struct lookups *lookups, uint64_t at)
{
	struct values values;

	values_find(&values, &lookups->frames, at,
		    lookups->reach->program->machine->arguments[1], 8);
	lookups->is_open |= !values.is_known;
	for (size_t i = 0; i < values.count; i++) {
		const struct value *value = &values.values[i];
		struct found found = { .at = value->at };

		if (!values_text(&found.name, lookups->reach->program, value))
			lookups->is_open = true;
		else
			LIST_ADD(&lookups->names, found);
	}
}

/* libc's own callers of dlsym look into what libc itself has opened. */
static void see_finder(struct lookups *lookups, uint64_t address)
{
	const struct program *program = lookups->reach->program;
	const struct module *module = program_module(program, address);
	uint8_t mark = *module_mark(module, address);
	size_t count;
	const struct reach_edge *edges = reach_edges(&count, lookups->reach,
						     address);

	if (!(mark & MARK_QUEUED))
		return;
	lookups->is_open |= (mark & (MARK_UNKNOWN | MARK_TAKEN)) != 0;
	for (size_t i = 0; i < count && !lookups->is_open; i++)
		if (program_module(program, edges[i].from) != module)
			see_call(lookups, edges[i].from);
}

static void see_finders(struct lookups *lookups)
{
	const struct program *program = lookups->reach->program;

	for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); i++) {
		const struct definition *d = NULL;

		while ((d = program_named(program, slice_from(finders[i]), d)))
			see_finder(lookups, d->address);
	}
}

static void add_names(const struct lookups *lookups)
{
	for (size_t i = 0; i < lookups->names.count; i++)
		reach_add_name(lookups->reach, lookups->names.at[i].name,
			       lookups->names.at[i].at);
}

/* Returns whether there was news. */
static bool add_round(struct reach *reach, bool is_last)
{
	struct lookups lookups = { .reach = reach, .is_open = is_last };
	size_t before = reach->work.count;
	bool is_done;

	frames_open(&lookups.frames, reach);
	see_finders(&lookups);
	frames_close(&lookups.frames);
	is_done = lookups.is_open;
	if (lookups.is_open)
		reach_add_texts(reach);
	else
		add_names(&lookups);
	free(lookups.names.at);
	reach_again(reach);
	return !is_done && reach->work.count > before;
}

/* Each round may make more code reachable, and so more callers of dlsym. */
void lookups_add(struct reach *reach)
{
	int round = 0;

	while (add_round(reach, round == ROUNDS_MAX))
		round++;
}
