#include <elf.h>

#include "data/bytes.h"
#include "seccomp/reach_parts.h"

/* Compared or tested only: the address goes nowhere. */
static bool only_looks(const struct insn *insn)
{
	if (insn->map != MAP_ONE || insn->encoding != ENCODING_LEGACY)
		return false;
	switch (insn->opcode) {
	case 0x38 ... 0x3b:
	case 0x84:
	case 0x85:
		return true;
	case 0x80:
	case 0x81:
	case 0x83:
		return (insn->reg & 7) == 7;
	default:
		return false;
	}
}

static bool is_mov_load(const struct insn *insn)
{
	return insn->map == MAP_ONE && insn->encoding == ENCODING_LEGACY &&
	       insn->opcode == 0x8b;
}

/* A word of the loader's is read. */
static void see_slot(struct reach *reach, const struct module *module,
		     const struct insn *insn, const struct slot *slot,
		     uint64_t at)
{
	if (only_looks(insn) || (slot->type == R_X86_64_RELATIVE &&
				 !module_is_got(module, slot->address)))
		return;
	/* What a mov loads is followed on; of others nothing is known. */
	reach_link_slot(reach, module, slot, at,
			is_mov_load(insn) ? REACH_TAKEN : REACH_POINTER);
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

static bool is_lea(const struct insn *insn)
{
	return insn->map == MAP_ONE && insn->encoding == ENCODING_LEGACY &&
	       insn->opcode == 0x8d;
}

static void see_memory(struct reach *reach, const struct module *module,
		       const struct insn *insn, uint64_t at)
{
	uint64_t address = (uint64_t)insn->disp;
	const struct slot *slot;

	if (insn->base == DECODE_RIP)
		address += at + insn->len;
	else
		address += module->base;
	if (is_lea(insn) || insn->index != DECODE_NONE) {
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

	if (insn->has_memory && !(insn->prefixes & PREFIX_SEGMENT)) {
		if (insn->base == DECODE_RIP ||
		    (is_fixed && insn->base == DECODE_NONE))
			see_memory(reach, module, insn, at);
		else if (is_fixed && insn->mod == 2 && insn->disp > 0)
			reach_name(reach, module,
				   module->base + (uint64_t)insn->disp);
	}
	if (is_fixed && insn->imm_size >= 4 && imm >> MODULE_SHIFT == 0)
		see_address(reach, module, module->base + imm, at);
}
