#include "seccomp/lookups.h"

#include <stdlib.h>

#include "seccomp/machine.h"
#include "seccomp/values.h"

enum { ROUNDS_MAX = 16 };

static const char *const finders[] = { "dlsym", "dlvsym" };

/*
 * Libraries whose own calls of dlsym go through tables of functions: whoever
 * calls one of theirs says the name, or they do themselves.
 */
struct relay {
	const char *module; /* its soname */
	const char *function;
	uint8_t argument;
	const char *names; /* that it says itself; blanks between */
};

/*
 * OpenSSL, crypto/dso/dso_lib.c: nobody else calls a DSO_METHOD's functions.
 * What crypto/engine/eng_dyn.c looks up is in a struct, and always the same.
 */
#define OPENSSL_RELAYS(module)                                 \
	{ module, "DSO_bind_func", 1, "bind_engine v_check" }, \
	{                                                      \
		module, "DSO_global_lookup", 0, ""             \
	}

static const struct relay relays[] = {
	OPENSSL_RELAYS("libcrypto.so.3"),
	OPENSSL_RELAYS("libcrypto.so.1.1"),
};

enum { RELAYS = sizeof(relays) / sizeof(relays[0]) };

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

/* The function, if the module is the one that the relay is about. */
static const struct definition *relay_in(const struct program *program,
					 const struct relay *relay,
					 const struct module *module)
{
	const struct definition *d = NULL;

	if (!slice_eq(module->name, relay->module))
		return NULL;
	while ((d = program_named(program, slice_from(relay->function), d)))
		if (program_module(program, d->address) == module)
			return d;
	return NULL;
}

static bool is_relayed(const struct program *program,
		       const struct module *module)
{
	for (size_t i = 0; i < RELAYS; i++)
		if (relay_in(program, &relays[i], module))
			return true;
	return false;
}

static void add_found(struct lookups *lookups, const struct values *values)
{
	for (size_t i = 0; i < values->count; i++) {
		const struct value *value = &values->values[i];
		struct found found = { .at = value->at };

		if (!values_text(&found.name, lookups->reach->program, value))
			lookups->is_open = true;
		else
			LIST_ADD(&lookups->names, found);
	}
}

static void see_call(struct lookups *lookups, uint64_t at, uint8_t argument,
		     bool is_trusted)
{
	struct values values;

	values_find(&values, &lookups->frames, at,
		    lookups->reach->program->machine->arguments[argument], 8);
	if (values.is_known)
		add_found(lookups, &values);
	else
		lookups->is_open |= !is_trusted;
}

/* libc's own callers of dlsym look into what libc itself has opened. */
static void see_function(struct lookups *lookups, uint64_t address,
			 uint8_t argument, bool is_relay)
{
	const struct program *program = lookups->reach->program;
	const struct module *own = program_module(program, address);
	uint8_t mark = *module_mark(own, address);
	size_t count;
	const struct reach_edge *edges = reach_edges(&count, lookups->reach,
						     address);

	if (!(mark & MARK_QUEUED))
		return;
	lookups->is_open |= (mark & (MARK_UNKNOWN | MARK_TAKEN)) != 0;
	for (size_t i = 0; i < count && !lookups->is_open; i++) {
		const struct module *from = program_module(program,
							   edges[i].from);

		if (is_relay || (from != own && !is_relayed(program, from)))
			see_call(lookups, edges[i].from, argument, from == own);
	}
}

static void see_relay(struct lookups *lookups, const struct relay *relay,
		      const struct module *module)
{
	const struct definition *d = relay_in(lookups->reach->program, relay,
					      module);
	struct slice word, rest = slice_from(relay->names);

	if (!d)
		return;
	while (slice_word(&word, &rest))
		LIST_ADD(&lookups->names, (struct found){ word, d->address });
	see_function(lookups, d->address, relay->argument, true);
}

static void see_finders(struct lookups *lookups)
{
	const struct program *program = lookups->reach->program;

	for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); i++) {
		const struct definition *d = NULL;

		while ((d = program_named(program, slice_from(finders[i]), d)))
			see_function(lookups, d->address, 1, false);
	}
	for (size_t i = 0; i < program->modules.count; i++)
		for (size_t n = 0; n < RELAYS; n++)
			see_relay(lookups, &relays[n], &program->modules.at[i]);
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
