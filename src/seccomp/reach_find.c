#include <elf.h>

#include "seccomp/reach_parts.h"

static const struct reach_edge *lookup(size_t *count,
				       const struct reach_edge *edges,
				       size_t total, uint64_t to)
{
	size_t low = 0;
	size_t high = total;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (edges[middle].to < to)
			low = middle + 1;
		else
			high = middle;
	}
	*count = 0;
	while (low + *count < total && edges[low + *count].to == to)
		++*count;
	return *count ? edges + low : NULL;
}

const struct reach_edge *reach_edges(size_t *count, const struct reach *reach,
				     uint64_t to)
{
	return lookup(count, reach->edges.at, reach->edges.count, to);
}

const struct reach_edge *reach_takers(size_t *count, const struct reach *reach,
				      uint64_t to)
{
	return lookup(count, reach->takers.at, reach->takers.count, to);
}

static uint64_t slot_target(const struct reach *reach, const struct slot *slot)
{
	const struct definition *d;

	if (slot->kind != RELOC_PLT && slot->kind != RELOC_GOT)
		return 0;
	d = program_slot(reach->program, slot);
	return d && d->type != STT_GNU_IFUNC ? d->address : 0;
}

uint64_t reach_target(const struct reach *reach, const struct insn *insn,
		      uint64_t at)
{
	const struct module *module = program_module(reach->program, at);
	const struct slot *slot;
	uint64_t to;

	if (insn->flow == FLOW_CALL_TO || insn->flow == FLOW_JUMP_TO) {
		slot = insn->has_memory && insn->base == DECODE_RIP
			       ? module_slot(module, decode_operand(insn, at))
			       : NULL;
		return slot ? slot_target(reach, slot) : 0;
	}
	to = decode_target(insn, at);
	slot = reach_stub(module, to);
	return slot ? slot_target(reach, slot) : to;
}

const struct reach_edge *reach_why(size_t *order, const struct reach *reach,
				   uint64_t to)
{
	const struct reach_edge *all = reach->work.at;
	size_t low = 0;
	size_t high = reach->work.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (all[reach->by_to[middle]].to < to)
			low = middle + 1;
		else
			high = middle;
	}
	*order = low < reach->work.count ? reach->by_to[low] : 0;
	return low < reach->work.count && all[*order].to == to ? &all[*order]
							       : NULL;
}

uint64_t reach_next_data(const struct reach *reach, uint64_t address)
{
	size_t low = 0;
	size_t high = reach->data.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (reach->data.at[middle] <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < reach->data.count ? reach->data.at[low] : UINT64_MAX;
}
