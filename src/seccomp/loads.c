#include "seccomp/loads.h"

#include "data/bytes.h"
#include "seccomp/asks.h"
#include "seccomp/derive.h"
#include "seccomp/machine.h"
#include "seccomp/values.h"

static const struct {
	const char *name;
	uint8_t argument; /* the one that names the file */
} openers[] = {
	{ "dlopen", 0 },
	{ "dlmopen", 1 },
	/* GLib's own, which hands on what it was given. */
	{ "g_module_open", 0 },
	{ "g_module_open_full", 0 },
};

/* Whose callers are looked at instead. */
static const char relay[] = "libgmodule-2.0.so.";

/* A path's last part names a library as well as its soname does. */
static bool is_among(const struct program *program, struct slice name)
{
	const char *slash = memrchr(name.at, '/', name.len);
	struct slice last = name;

	if (slash)
		last = bytes_from(name, (uint64_t)(slash + 1 - name.at));
	for (size_t i = 0; i < program->modules.count; i++) {
		struct slice other = program->modules.at[i].name;

		if ((other.len == name.len &&
		     memcmp(other.at, name.at, name.len) == 0) ||
		    (other.len == last.len &&
		     memcmp(other.at, last.at, last.len) == 0))
			return true;
	}
	return false;
}

static void add_open(struct derive *derive, uint64_t at, const char *why,
		     struct slice name)
{
	LIST_ADD(&derive->opens,
		 (struct derive_open){ DERIVE_LOAD, at, why, at, name });
}

static void see_name(struct derive *derive, uint64_t at, struct slice name)
{
	if (asks_can(&derive->program))
		asks_add(derive, NULL, name, at);
	else
		add_open(derive, at, "not among the files", name);
}

static void see_names(struct derive *derive, const struct values *values,
		      uint64_t at)
{
	for (size_t i = 0; i < values->count; i++) {
		struct slice name;

		if (!values_text(&name, &derive->program, &values->values[i]))
			add_open(derive, at, "a name that is not constant",
				 name);
		else if (name.len && !is_among(&derive->program, name))
			see_name(derive, at, name);
	}
}

static void see_call(struct derive *derive, uint64_t at, uint8_t reg)
{
	const struct module *module = program_module(&derive->program, at);
	struct values values;

	if (slice_has_prefix(module->name, relay) ||
	    asks_answer_for(&derive->program, module))
		return;
	values_find(&values, &derive->frames, at, reg, 8);
	if (values.is_known)
		see_names(derive, &values, at);
	else
		add_open(derive, at, "a name made at run time",
			 (struct slice){ "", 0 });
}

static void see_opener(struct derive *derive, uint64_t address, uint8_t reg)
{
	size_t count;
	const struct reach_edge *edges = reach_edges(&count, &derive->reach,
						     address);
	const struct module *module = program_module(&derive->program, address);

	for (size_t i = 0; i < count; i++)
		if (program_module(&derive->program, edges[i].from) != module)
			see_call(derive, edges[i].from, reg);
	const struct reach_edge *takers = reach_takers(&count, &derive->reach,
						       address);

	if (count)
		add_open(derive, takers->from, "dlopen, by its address",
			 (struct slice){ "", 0 });
	else if (*module_mark(module, address) & MARK_UNKNOWN)
		add_open(derive, address, "dlopen, by its address",
			 (struct slice){ "", 0 });
}

void loads_find(struct derive *derive)
{
	const struct program *program = &derive->program;

	for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++) {
		const struct definition *d = NULL;

		uint64_t last = 0;

		/* A name in two versions is one function. */
		while ((d = program_named(program, slice_from(openers[i].name),
					  d))) {
			if (d->address != last &&
			    *module_mark(program_module(program, d->address),
					 d->address) &
				    MARK_QUEUED)
				see_opener(derive, d->address,
					   program->machine->arguments
						   [openers[i].argument]);
			last = d->address;
		}
	}
	asks_find(derive);
}
