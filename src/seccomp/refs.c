#include <elf.h>

#include "data/bytes.h"
#include "seccomp/machine.h"
#include "seccomp/reach_parts.h"

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
	uint64_t table;

	if (!elf_view_dynamic(&table, &module->view, DT_PLTGOT))
		table = module->view.got.begin;
	if (address != module->base + table)
		return;
	for (size_t i = 0; i < module->slots.count; i++)
		reach_link_slot(reach, module, &module->slots.at[i], at,
				REACH_POINTER);
}

static void see_address(struct reach *reach, const struct module *module,
			uint64_t address, uint64_t at)
{
	const struct slot *slot;

	if (module_is_code(module, address)) {
		reach_link(reach, address, at, REACH_TAKEN);
		return;
	}
	slot = module_slot(module, address);
	if (slot)
		reach_link_slot(reach, module, slot, at, REACH_POINTER);
	see_slots(reach, module, address, at);
	LIST_ADD(&reach->data, address);
	reach_name(reach, module, address);
}

static void see_memory(struct reach *reach, const struct module *module,
		       const struct insn *insn, uint64_t at)
{
	uint64_t address = module->base + (uint64_t)insn->disp;
	const struct slot *slot;

	if (insn->base == DECODE_RIP)
		address = decode_operand(insn, at);
	if (insn->is_address || insn->index != DECODE_NONE) {
		see_address(reach, module, address, at);
		return;
	}
	slot = module_slot(module, address);
	if (slot)
		see_slot(reach, module, insn, slot, at);
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
		see_address(reach, module, module->base + imm, at);
}
