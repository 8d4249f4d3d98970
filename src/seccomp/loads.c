#include "seccomp/loads.h"

#include <elf.h>

#include "data/bytes.h"
#include "seccomp/asks.h"
#include "seccomp/derive.h"
#include "seccomp/machine.h"
#include "seccomp/values.h"

struct opener {
	const char *name;
	uint8_t argument;  /* the one that names the file */
	bool is_completed; /* "lib", ".so" and ".la" are tried around it */
};

static const struct opener openers[] = {
	{ "dlopen", 0, false },
	{ "dlmopen", 1, false },
	/* GLib's own, which hands on what it was given. */
	{ "g_module_open", 0, true },
	{ "g_module_open_full", 0, true },
};

/* Whose callers are looked at instead. */
static const char relay[] = "libgmodule-2.0.so.";

static struct slice last_part(struct slice name)
{
	const char *slash = memrchr(name.at, '/', name.len);

	return slash ? bytes_from(name, (uint64_t)(slash + 1 - name.at)) : name;
}

/* Which directory is the working one then, nobody knows. */
static bool is_relative(struct slice name)
{
	return slice_find(name, '/') && !slice_has_prefix(name, "/") &&
	       !slice_has_prefix(name, "$ORIGIN/") &&
	       !slice_has_prefix(name, "${ORIGIN}/");
}

/*
 * Where nobody can look for the file, a path's last part names a library as
 * well as its soname does.
 */
static bool is_among(const struct program *program, struct slice name)
{
	bool can_look = asks_can(program) && !is_relative(name);
	struct slice last = can_look ? name : last_part(name);

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

static void see_name(struct derive *derive, const struct opener *opener,
		     uint64_t at, struct slice name)
{
	struct slice last = last_part(name);

	if (!asks_can(&derive->program))
		add_open(derive, at, "not among the files", name);
	else if (is_relative(name))
		add_open(derive, at, "in the working directory", name);
	else if (opener->is_completed && !memmem(last.at, last.len, ".so", 3))
		add_open(derive, at, "a name that GLib completes", name);
	else
		asks_add(derive, NULL, name, at);
}

static void see_names(struct derive *derive, const struct opener *opener,
		      const struct values *values, uint64_t at)
{
	for (size_t i = 0; i < values->count; i++) {
		struct slice name;

		if (!values_text(&name, &derive->program, &values->values[i]))
			add_open(derive, at, "a name that is not constant",
				 name);
		else if (name.len && !is_among(&derive->program, name))
			see_name(derive, opener, at, name);
	}
}

static void see_call(struct derive *derive, const struct opener *opener,
		     uint64_t at)
{
	const struct module *module = program_module(&derive->program, at);
	uint8_t reg = module->machine->arguments[opener->argument];
	struct values values;

	if (slice_has_prefix(module->name, relay) ||
	    asks_answer_for(&derive->program, module))
		return;
	values_find(&values, &derive->frames, at, reg, 8);
	if (values.is_known)
		see_names(derive, opener, &values, at);
	else if (!asks_answer_at(&derive->reach, module, at))
		add_open(derive, at, "a name made at run time",
			 (struct slice){ "", 0 });
}

static void see_opener(struct derive *derive, const struct opener *opener,
		       uint64_t address)
{
	size_t count;
	const struct reach_edge *edges = reach_edges(&count, &derive->reach,
						     address);
	const struct module *module = program_module(&derive->program, address);

	for (size_t i = 0; i < count; i++)
		if (program_module(&derive->program, edges[i].from) != module)
			see_call(derive, opener, edges[i].from);
	const struct reach_edge *takers = reach_takers(&count, &derive->reach,
						       address);

	if (count)
		add_open(derive, takers->from, "dlopen, by its address",
			 (struct slice){ "", 0 });
	else if (*module_mark(module, address) & MARK_UNKNOWN)
		add_open(derive, address, "dlopen, by its address",
			 (struct slice){ "", 0 });
}

/*
 * glibc without its loader opens libraries all the same, and those are not in
 * the program; musl says no then. Its functions have names if any are left.
 */
static void see_static(struct derive *derive)
{
	const struct module *module = derive->program.modules.at;

	if (asks_can(&derive->program) ||
	    !asks_answer_for(&derive->program, module))
		return;
	for (size_t i = 0; i < module->labels.count; i++) {
		const struct label *label = &module->labels.at[i];
		const uint8_t *mark = module_mark(module, label->address);

		if (mark && *mark & MARK_QUEUED &&
		    (slice_eq(label->name, "dlopen") ||
		     slice_eq(label->name, "dlmopen")))
			add_open(derive, label->address,
				 "dlopen in a static program",
				 (struct slice){ "", 0 });
	}
}

/* Others that the loader is told to load beside those that are needed. */
static void see_tags(struct derive *derive, const struct module *module)
{
	static const uint64_t tags[] = { DT_AUDIT, DT_DEPAUDIT, DT_AUXILIARY,
					 DT_FILTER };
	const struct elf_view *view = &module->view;
	uint64_t at;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (elf_view_dynamic(&at, view, tags[i]))
			add_open(derive,
				 module->base + view->dynstr_range.begin + at,
				 "a library that the loader adds",
				 bytes_text(view->dynstr, at));
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
				see_opener(derive, &openers[i], d->address);
			last = d->address;
		}
	}
	for (size_t i = 0; i < program->modules.count; i++)
		see_tags(derive, &program->modules.at[i]);
	see_static(derive);
	asks_find(derive);
}
