#include "seccomp/derive.h"

#include <stdlib.h>

#include "arch/arch.h"
#include "base/err.h"
#include "seccomp/asks.h"
#include "seccomp/idiom.h"
#include "seccomp/loads.h"
#include "seccomp/lookups.h"
#include "seccomp/machine.h"
#include "seccomp/runtimes.h"
#include "seccomp/switches.h"

enum { ROUNDS_MAX = 16 };

static void add_open(struct derive *out, enum derive_open_kind kind,
		     uint64_t at, const char *why, uint64_t why_at)
{
	LIST_ADD(&out->opens, (struct derive_open){ .kind = kind,
						    .at = at,
						    .why = why,
						    .why_at = why_at });
}

/* The kernel looks at the low 32 bits of the register. */
static void add_call(struct derive *out, const struct value *value,
		     uint64_t site)
{
	uint32_t nr = (uint32_t)value->value;

	if (arch_syscall_name(out->program.machine->arch, nr)) {
		LIST_ADD(&out->calls,
			 (struct derive_call){ nr, site, value->at });
		return;
	}
	for (size_t i = 0; i < out->unknown.count; i++)
		if (out->unknown.at[i] == nr)
			return;
	LIST_ADD(&out->unknown, nr);
}

static void see_site(struct derive *out, uint64_t site)
{
	struct values values, idiom;

	values_find(&values, &out->frames, site, out->program.machine->number,
		    4);
	if (!values.is_known && idiom_find(&idiom, &out->frames, site))
		values = idiom;
	if (!values.is_known) {
		add_open(out, DERIVE_SITE, site, values.why, values.why_at);
		return;
	}
	for (size_t i = 0; i < values.count; i++)
		add_call(out, &values.values[i], site);
}

static int compare_calls(const void *a, const void *b)
{
	const struct derive_call *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr < y->nr ? -1 : 1;
	return x->site < y->site ? -1 : x->site > y->site;
}

static void see_everything(struct derive *out)
{
	const struct reach *reach = &out->reach;

	for (size_t i = 0; i < reach->sites.count; i++)
		see_site(out, reach->sites.at[i]);
	for (size_t i = 0; i < reach->foreign.count; i++)
		add_open(out, DERIVE_FOREIGN, reach->foreign.at[i],
			 "a call by another system call table",
			 reach->foreign.at[i]);
	for (size_t i = 0; i < reach->unlanded.count; i++)
		add_open(out, DERIVE_JUMP, reach->unlanded.at[i],
			 "an exception table that is not understood",
			 reach->unlanded.at[i]);
	for (size_t i = 0; i < reach->unpaged.count; i++)
		if (!i || reach->unpaged.at[i] != reach->unpaged.at[i - 1])
			add_open(out, DERIVE_JUMP, reach->unpaged.at[i],
				 "an address that is made in too many places",
				 reach->unpaged.at[i]);
	for (size_t i = 0; i < reach->switches.count; i++) {
		const struct reach_switch *found = &reach->switches.at[i];

		if (!found->is_read && !found->is_bounded)
			add_open(out, DERIVE_JUMP, found->at,
				 "a jump through a table that is not found",
				 found->at);
	}
	loads_find(out);
	if (out->calls.count)
		qsort(out->calls.at, out->calls.count, sizeof(out->calls.at[0]),
		      compare_calls);
}

/* A switch may lead to a lookup, and what that finds to further switches. */
static void reach_everything(struct derive *out)
{
	for (int round = 0; round < ROUNDS_MAX; round++) {
		size_t before = out->reach.work.count;

		switches_read(&out->reach);
		lookups_add(&out->reach);
		asks_add_calls(&out->reach);
		if (out->reach.work.count == before)
			return;
	}
	uint64_t first = out->reach.work.at[0].to;

	add_open(out, DERIVE_JUMP, first, "code that goes on and on", first);
}

int derive_run(struct derive *out, const struct program_file *files,
	       size_t count, struct err *err)
{
	const char *language;

	*out = (struct derive){ 0 };
	if (program_open(&out->program, files, count, err) < 0)
		return -1;
	language = runtimes_find(&out->program);
	if (language) {
		program_close(&out->program);
		return err_set(err, 0,
			       "%.*s: runs %s: its calls are not in its code; "
			       "trace it instead",
			       SLICE_ARGS(files[0].name), language);
	}
	reach_run(&out->reach, &out->program);
	reach_everything(out);
	reach_end(&out->reach);
	frames_open(&out->frames, &out->reach);
	see_everything(out);
	return 0;
}

void derive_close(struct derive *derive)
{
	/* All zeros after a failure. */
	if (derive->frames.reach)
		frames_close(&derive->frames);
	reach_close(&derive->reach);
	program_close(&derive->program);
	free(derive->calls.at);
	free(derive->unknown.at);
	free(derive->opens.at);
	free(derive->notes.at);
	free(derive->asks.at);
	*derive = (struct derive){ 0 };
}

const struct derive_call *derive_find(const struct derive *derive, uint32_t nr)
{
	for (size_t i = 0; i < derive->calls.count; i++)
		if (derive->calls.at[i].nr == nr)
			return &derive->calls.at[i];
	return NULL;
}

/*
 * Who led to the code around an address: to the address itself, or to the
 * nearest one before it that anybody led to. What was reached as *order or later
 * does not count: what code leads to may jump back into the middle of it. *order
 * is then the answer's own.
 */
static const struct reach_edge *why_near(size_t *order,
					 const struct derive *derive,
					 uint64_t address)
{
	size_t before = *order;
	const struct module *module = program_module(&derive->program, address);
	const struct region *region = module_region(module, address);
	const struct reach_edge *why;

	if (region) {
		why = reach_why(order, &derive->reach, region->begin);
		if (why && *order < before)
			return why;
	}
	for (; module_mark(module, address); address--) {
		why = reach_why(order, &derive->reach, address);
		if (why && *order < before)
			return why;
	}
	return NULL;
}

static bool is_root(const struct reach_edge *why)
{
	return !why->from || why->kind == REACH_ENTRY ||
	       why->kind == REACH_POINTER || why->kind == REACH_NAME ||
	       why->kind == REACH_EXPORT;
}

static bool is_inside(const struct derive *derive, const struct reach_edge *why)
{
	const struct module *module = program_module(&derive->program, why->to);

	return why->kind != REACH_CALL && why->kind != REACH_TAKEN &&
	       module == program_module(&derive->program, why->from) &&
	       module_region(module, why->to) &&
	       module_region(module, why->to) ==
		       module_region(module, why->from);
}

size_t derive_chain(struct derive_link *out, const struct derive *derive,
		    uint64_t address)
{
	size_t order = SIZE_MAX;
	size_t count = 0;

	while (count < DERIVE_LINKS) {
		const struct reach_edge *why = why_near(&order, derive,
							address);

		if (!why)
			break;
		if (!is_inside(derive, why) || is_root(why))
			out[count++] = (struct derive_link){ why->kind,
							     why->from,
							     why->to };
		if (is_root(why))
			break;
		address = why->from;
	}
	for (size_t i = 0; i < count / 2; i++) {
		struct derive_link link = out[i];

		out[i] = out[count - 1 - i];
		out[count - 1 - i] = link;
	}
	return count;
}
