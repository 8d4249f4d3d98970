#include "seccomp/reach.h"

#include <elf.h>
#include <stdlib.h>

#include "seccomp/machine.h"
#include "seccomp/order.h"
#include "seccomp/pages.h"
#include "seccomp/reach_parts.h"

const struct slot *reach_stub(const struct module *module, uint64_t at)
{
	uint64_t slot = module->machine->stub(module, at);

	return slot ? module_slot(module, slot) : NULL;
}

/* Reached means: in the work list or done. */
static void queue(struct reach *reach, const struct reach_edge *why)
{
	struct module *module = program_module(reach->program, why->to);
	uint8_t *mark = module ? module_mark(module, why->to) : NULL;

	if (!mark || why->to % module->machine->unit ||
	    !module_is_code(module, why->to))
		return;
	if (why->kind == REACH_CALL || why->kind == REACH_ENTRY ||
	    why->kind == REACH_NAME || why->kind == REACH_EXPORT)
		*mark |= MARK_BEGIN;
	if (why->kind == REACH_TAKEN) {
		*mark |= MARK_TAKEN;
		LIST_ADD(&reach->takers, *why);
	} else if (why->kind >= REACH_CALL && why->kind <= REACH_TABLE) {
		*mark |= MARK_JOIN;
		LIST_ADD(&reach->edges, *why);
		if (why->kind == REACH_TABLE)
			LIST_ADD(&reach->leaps, *why);
	} else if (why->kind != REACH_NEXT) {
		*mark |= MARK_UNKNOWN;
	}
	if (*mark & MARK_QUEUED)
		return;
	*mark |= MARK_QUEUED;
	LIST_ADD(&reach->work, *why);
}

void reach_link_definition(struct reach *reach, const struct definition *d,
			   uint64_t from, enum reach_kind kind)
{
	bool is_resolver = d->type == STT_GNU_IFUNC;
	struct reach_edge why = reach_edge(d->address, from,
					   is_resolver ? REACH_ENTRY : kind);

	queue(reach, &why);
}

/*
 * Libraries that are opened at run time have scopes of their own: which of
 * several late definitions is meant depends on who came with whom.
 */
static void link_late(struct reach *reach, const struct definition *d,
		      uint64_t from, enum reach_kind kind)
{
	struct slice name = d->name;

	while ((d = program_named(reach->program, name, d)))
		if (program_module(reach->program, d->address)->is_late)
			reach_link_definition(reach, d, from, kind);
}

void reach_link_slot(struct reach *reach, const struct module *module,
		     const struct slot *slot, uint64_t from,
		     enum reach_kind kind)
{
	const struct definition *d;

	switch (slot->kind) {
	case RELOC_PLT:
	case RELOC_GOT:
	case RELOC_SYMBOL:
		d = program_slot(reach->program, slot);
		if (d)
			reach_link_definition(reach, d, from, kind);
		if (d && module->is_late)
			link_late(reach, d, from, kind);
		break;
	case RELOC_RELATIVE:
		reach_link(reach, module->base + (uint64_t)slot->addend, from,
			   kind);
		break;
	default: /* a resolver is an entry point */
		break;
	}
}

void reach_link(struct reach *reach, uint64_t to, uint64_t from,
		enum reach_kind kind)
{
	struct module *module = program_module(reach->program, to);
	struct reach_edge why = reach_edge(to, from, kind);
	const struct slot *slot;

	if (!module || !module_mark(module, to))
		return;
	slot = reach_stub(module, to);
	if (slot)
		reach_link_slot(reach, module, slot, from, kind);
	else
		queue(reach, &why);
}

static void drain_work(struct reach *reach)
{
	struct region *region = NULL;

	while (reach->done < reach->work.count) {
		uint64_t at = reach->work.at[reach->done++].to;
		struct module *module = program_module(reach->program, at);

		/* Most jumps of a function stay in it. */
		if (!region || at < region->begin || at >= region->end)
			region = module_region(module, at);
		if (region && !region->is_swept) {
			region->is_swept = true;
			LIST_ADD(&reach->unswept, region->begin);
		}
		if (!(*module_mark(module, at) & MARK_INSN))
			reach_traverse(reach, module, at, region);
	}
}

static void drain_regions(struct reach *reach)
{
	for (drain_work(reach); reach->swept < reach->unswept.count;
	     drain_work(reach)) {
		uint64_t begin = reach->unswept.at[reach->swept++];
		struct module *module = program_module(reach->program, begin);

		reach_sweep(reach, module, module_region(module, begin));
	}
}

/* Pages that were lost in a jump are followed again when it leads further. */
static void retry_pages(struct reach *reach)
{
	size_t count = reach->blocked.count;

	if (reach->leapt == reach->leaps.count)
		return;
	reach->leapt = reach->leaps.count;
	for (size_t i = 0; i < count; i++)
		LIST_ADD(&reach->pages, reach->blocked.at[i]);
	reach->blocked.count = 0;
}

static void drain(struct reach *reach)
{
	drain_regions(reach);
	retry_pages(reach);
	while (reach->paged < reach->pages.count) {
		size_t first = reach->paged;

		reach->paged = reach->pages.count;
		pages_follow(reach, first);
		drain_regions(reach);
		retry_pages(reach);
	}
}

static int compare_uses(const void *a, const void *b)
{
	const struct reach_use *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

#define ORDER(list, sorted, order) order((list).at, (list).count, &(sorted))

void reach_again(struct reach *reach)
{
	drain(reach);
	ORDER(reach->edges, reach->edges_sorted, order_edges);
	ORDER(reach->takers, reach->takers_sorted, order_edges);
	ORDER(reach->data, reach->data_sorted, order_addresses);
	if (reach->uses.count)
		qsort(reach->uses.at, reach->uses.count,
		      sizeof(reach->uses.at[0]), compare_uses);
}

/* They stay in their order, which tells who came first. */
static void index_work(struct reach *reach)
{
	size_t count = reach->work.count, sorted = 0;
	struct reach_edge *edges = mem_new(count + 1, sizeof(*edges));

	for (size_t i = 0; i < count; i++)
		edges[i] = reach_edge(reach->work.at[i].to, i, 0);
	order_edges(edges, count, &sorted);
	reach->by_to = mem_new(count + 1, sizeof(*reach->by_to));
	for (size_t i = 0; i < count; i++)
		reach->by_to[i] = (uint32_t)edges[i].from;
	free(edges);
}

void reach_end(struct reach *reach)
{
	size_t sites = 0, foreign = 0, unpaged = 0;

	index_work(reach);
	ORDER(reach->sites, sites, order_addresses);
	ORDER(reach->foreign, foreign, order_addresses);
	ORDER(reach->unpaged, unpaged, order_addresses);
}

void reach_run(struct reach *out, struct program *program)
{
	*out = (struct reach){ .program = program };
	reach_roots(out);
	reach_again(out);
}

void reach_close(struct reach *reach)
{
	free(reach->edges.at);
	free(reach->takers.at);
	free(reach->sites.at);
	free(reach->foreign.at);
	free(reach->data.at);
	free(reach->owned.at);
	free(reach->unlanded.at);
	free(reach->switches.at);
	free(reach->leaps.at);
	free(reach->pages.at);
	free(reach->blocked.at);
	free(reach->unpaged.at);
	free(reach->uses.at);
	free(reach->work.at);
	free(reach->by_to);
	free(reach->unswept.at);
	free(reach->names.at);
	*reach = (struct reach){ 0 };
}
