#include <elf.h>

#include "data/bytes.h"
#include "seccomp/machine.h"
#include "seccomp/owned.h"
#include "seccomp/reach_parts.h"

enum { DISTANCES_MAX = 1 << 12 };

/* A register gets what is in memory, unchanged. */
static bool is_load(const struct insn *insn)
{
	struct effect e;

	effect_of(&e, insn);
	return e.dest != DECODE_NONE && e.source == SOURCE_MEMORY &&
	       e.op == OP_NONE && !e.is_maybe;
}

/* A word of the loader's is read. */
static void see_slot(struct reach *reach, const struct module *module,
		     const struct insn *insn, const struct slot *slot,
		     uint64_t at)
{
	if (insn->machine->only_looks(insn) ||
	    (slot->kind == RELOC_RELATIVE &&
	     !module_is_got(module, slot->address)))
		return;
	/* What is loaded is followed on; of others nothing is known. */
	reach_link_slot(reach, module, slot, at,
			is_load(insn) ? REACH_TAKEN : REACH_POINTER);
}

/* Code that has its table's address may reach any of its slots. */
static void see_slots(struct reach *reach, const struct module *module,
		      uint64_t address, uint64_t at)
{
	if (address != module->base + module->table)
		return;
	for (size_t i = 0; i < module->slots.count; i++)
		reach_link_slot(reach, module, &module->slots.at[i], at,
				REACH_POINTER);
}

/*
 * Of a table of constant texts clang makes one of distances from its own
 * beginning, and linkers let one text end another. Others make such tables of
 * functions; those of a switch lead into one, and are followed elsewhere.
 */
static void see_distances(struct reach *reach, const struct module *module,
			  uint64_t table)
{
	struct slice bytes = module_bytes(module, table);

	for (size_t i = 0; i < DISTANCES_MAX && 4 * i + 4 <= bytes.len; i++) {
		uint64_t to = table + (uint64_t)bytes_signed(bytes, 4 * i, 4);
		const struct region *region = module_region(module, to);

		if (to == table || !module_bytes(module, to).len ||
		    (module_is_code(module, to) &&
		     (!region || region->begin != to)))
			return;
		if (region)
			reach_link(reach, to, table, REACH_POINTER);
		else
			reach_name(reach, module, to);
	}
}

void reach_see_address(struct reach *reach, const struct module *module,
		       uint64_t address, uint64_t at)
{
	const struct slot *slot;

	if (module_is_code(module, address)) {
		reach_link(reach, address, at, REACH_TAKEN);
		return;
	}
	owned_see(reach, address);
	slot = module_slot(module, address);
	if (slot)
		reach_link_slot(reach, module, slot, at, REACH_POINTER);
	see_slots(reach, module, address, at);
	LIST_ADD(&reach->data, address);
	reach_name(reach, module, address);
	see_distances(reach, module, address);
}

void reach_see_word(struct reach *reach, const struct module *module,
		    const struct insn *insn, uint64_t address, uint64_t at)
{
	const struct slot *slot = module_slot(module, address);

	owned_see(reach, address);
	if (slot)
		see_slot(reach, module, insn, slot, at);
}

/*
 * What nobody calls: where a switch counts its distances from, and where Go
 * says it is while it copies memory.
 */
static bool is_label(const struct module *module, const struct insn *insn,
		     uint64_t address, uint64_t at)
{
	const struct region *region;

	if (!insn->is_address)
		return false;
	region = module->is_go ? module_region(module, at) : NULL;
	if (region && address > region->begin && address < region->end)
		return true;
	return module->machine->is_origin &&
	       module->machine->is_origin(module, insn, at);
}

static void see_memory(struct reach *reach, const struct module *module,
		       const struct insn *insn, uint64_t at)
{
	uint64_t address = module->base + (uint64_t)insn->disp;

	if (insn->base == DECODE_RIP)
		address = decode_operand(insn, at);
	if (insn->is_page)
		LIST_ADD(&reach->pages, at);
	else if (is_label(module, insn, address, at))
		return;
	else if (insn->is_address || insn->index != DECODE_NONE)
		reach_see_address(reach, module, address, at);
	else
		reach_see_word(reach, module, insn, address, at);
}

/*
 * Numbers are addresses only in a program that is linked to a fixed place.
 * There any register's displacement may be the address of an array.
 */
void reach_refs(struct reach *reach, struct module *module,
		const struct insn *insn, uint64_t at)
{
	bool is_fixed = module->view.type == ET_EXEC;
	uint64_t imm = (uint64_t)insn->imm;

	if (insn->has_memory && !insn->is_thread) {
		if (insn->base == DECODE_RIP ||
		    (is_fixed && insn->base == DECODE_NONE))
			see_memory(reach, module, insn, at);
		else if (is_fixed && insn->has_wide_disp && insn->disp > 0)
			reach_name(reach, module,
				   module->base + (uint64_t)insn->disp);
	}
	if (is_fixed && insn->imm_size >= 4 && imm >> MODULE_SHIFT == 0)
		reach_see_address(reach, module, module->base + imm, at);
}
