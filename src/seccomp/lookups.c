#include "seccomp/lookups.h"

#include <stdlib.h>

#include "data/bytes.h"
#include "seccomp/known.h"
#include "seccomp/machine.h"
#include "seccomp/taken.h"
#include "seccomp/values.h"
#include "seccomp/walk.h"

enum { ROUNDS_MAX = 16 };

struct finder {
	const char *name;
	uint8_t argument; /* the one that is the name */
	uint8_t count;	  /* of its arguments */
	/*
	 * NULL, or the soname of its library: a relay, which calls dlsym(3)
	 * with nothing but what its finders were given.
	 */
	const char *relay;
};

static const struct finder finders[] = {
	{ "dlsym", 1, 2, NULL },
	{ "dlvsym", 1, 3, NULL },
	{ "g_module_symbol", 1, 3, "libgmodule-2.0.so.0" },
	/* crypto/dso/dso_dlfcn.c: behind a table that all others go through. */
	{ "DSO_bind_func", 1, 2, "libcrypto.so.3" },
	{ "DSO_global_lookup", 0, 1, "libcrypto.so.3" },
	{ "DSO_bind_func", 1, 2, "libcrypto.so.1.1" },
	{ "DSO_global_lookup", 0, 1, "libcrypto.so.1.1" },
};

enum { FINDERS = sizeof(finders) / sizeof(finders[0]) };

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

/* The relay's finder in that module; NULL: not exported, so none. */
static const struct definition *finder_of(const struct program *program,
					  const struct module *module,
					  const struct finder *finder)
{
	struct slice name = slice_from(finder->name);
	const struct definition *d = NULL;

	while ((d = program_named(program, name, d)))
		if (program_module(program, d->address) == module)
			break;
	return d;
}

/* Nothing leads there but data. */
static bool is_in_table(const struct module *module, uint64_t address)
{
	uint8_t mark = *module_mark(module, address);

	return (mark & (MARK_UNKNOWN | MARK_TAKEN | MARK_JOIN | MARK_BEGIN)) ==
	       MARK_UNKNOWN;
}

/*
 * Whether a call of dlsym(3) has nothing but what a relay's finders were given:
 * it lies in one of them, or where only a table of the relay's leads.
 */
static bool is_relayed(const struct reach *reach, uint64_t call)
{
	const struct program *program = reach->program;
	const struct module *module = program_module(program, call);
	const struct region *region = module_region(module, call);
	bool is_one = false, is_inside = false;

	for (size_t i = 0; i < FINDERS && region; i++) {
		const struct definition *d;

		if (!finders[i].relay ||
		    !slice_eq(module->name, finders[i].relay))
			continue;
		d = finder_of(program, module, &finders[i]);
		if (!d)
			return false;
		is_one = true;
		is_inside |= d->address == region->begin;
	}
	return is_one && (is_inside || is_in_table(module, region->begin));
}

static void add_name(struct lookups *lookups, struct slice name, uint64_t at)
{
	LIST_ADD(&lookups->names, ((struct found){ name, at }));
}

/* The name and whatever is exported under it, where the star is anything. */
static void add_made(struct lookups *lookups, struct slice word, uint64_t at)
{
	const struct program *program = lookups->reach->program;
	struct slice begin = word;
	const char *star = slice_find(word, '*');

	if (!star) {
		add_name(lookups, word, at);
		return;
	}
	begin.len = (size_t)(star - word.at);
	word = bytes_from(word, begin.len + 1);
	for (size_t i = 1; i < program->definitions.count; i++) {
		struct slice name = program->definitions.at[i].name;

		if (name.len >= begin.len + word.len &&
		    memcmp(name.at, begin.at, begin.len) == 0 &&
		    memcmp(name.at + name.len - word.len, word.at, word.len) ==
			    0)
			add_name(lookups, name, at);
	}
}

/* Whether a function takes such a text, or only functions call it that do. */
static bool is_told(const struct reach *reach, uint64_t at, const char *ending)
{
	const struct module *module = program_module(reach->program, at);
	const struct region *region = module_region(module, at);
	const struct reach_edge *edges;
	size_t count;

	if (!region)
		return false;
	if (taken_text(reach, at, ending))
		return true;
	if (*module_mark(module, region->begin) & (MARK_UNKNOWN | MARK_TAKEN))
		return false;
	edges = reach_edges(&count, reach, region->begin);
	for (size_t i = 0; i < count; i++)
		if (program_module(reach->program, edges[i].from) != module ||
		    !taken_text(reach, edges[i].from, ending))
			return false;
	return count;
}

/* Known by the source of the library: see known.h. */
static bool is_known(struct lookups *lookups, uint64_t at)
{
	const struct program *program = lookups->reach->program;
	const struct module *module = program_module(program, at);
	bool is_found = false;

	for (size_t i = 0; i < known_lookup_count; i++) {
		const struct known_lookup *known = &known_lookups[i];
		struct slice word, rest = slice_from(known->names);

		if (!slice_eq(module->name, known->module) ||
		    !is_told(lookups->reach, at, known->text))
			continue;
		is_found = true;
		while (slice_word(&word, &rest))
			add_made(lookups, word, at);
	}
	return is_found;
}

static void see_call(struct lookups *lookups, const struct finder *finder,
		     uint64_t at)
{
	const struct program *program = lookups->reach->program;
	uint8_t reg = program->machine->arguments[finder->argument];
	struct values values;

	values_find(&values, &lookups->frames, at, reg, 8);
	if (!values.is_known)
		walk_find(&values, &lookups->frames, at, reg, finder->count);
	if (!values.is_known) {
		lookups->is_open |= !is_known(lookups, at);
		return;
	}
	for (size_t i = 0; i < values.count; i++) {
		struct slice name;

		if (!values_text(&name, program, &values.values[i]))
			lookups->is_open = true;
		else
			add_name(lookups, name, values.values[i].at);
	}
}

/*
 * libc's own callers of dlsym look into what libc itself has opened; those of
 * a relay hand on what its own finders get, from its own callers too.
 */
static bool is_own(const struct reach *reach, const struct finder *finder,
		   const struct module *module, uint64_t from)
{
	return !finder->relay &&
	       (program_module(reach->program, from) == module ||
		is_relayed(reach, from));
}

static void see_finder(struct lookups *lookups, const struct finder *finder,
		       uint64_t address)
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
		if (!is_own(lookups->reach, finder, module, edges[i].from))
			see_call(lookups, finder, edges[i].from);
}

static void see_finders(struct lookups *lookups)
{
	const struct program *program = lookups->reach->program;

	for (size_t i = 0; i < FINDERS; i++) {
		const struct definition *d = NULL;

		while ((d = program_named(program, slice_from(finders[i].name),
					  d)))
			see_finder(lookups, &finders[i], d->address);
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
