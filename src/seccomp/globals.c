#include "seccomp/globals.h"

#include <elf.h>

#include "data/bytes.h"
#include "seccomp/machine.h"

struct variable {
	uint64_t address;
	unsigned width;
	uint64_t but; /* an instruction that does not count, or 0 */
};

static bool touches(const struct variable *variable, uint64_t at,
		    unsigned width)
{
	return at < variable->address + variable->width &&
	       variable->address < at + width;
}

/* A store to it, its address taken, or an array that begins there. */
static bool is_changed_by(const struct module *module, const struct insn *insn,
			  uint64_t at, const struct variable *variable)
{
	struct effect e;
	uint64_t address = module->base + (uint64_t)insn->disp;
	bool is_fixed = module->view.type == ET_EXEC;

	if (is_fixed && insn->imm_size >= 4 &&
	    touches(variable, module->base + (uint64_t)insn->imm, 1))
		return true;
	if (!insn->has_memory || insn->is_thread)
		return false;
	if (insn->base == DECODE_RIP)
		address = decode_operand(insn, at);
	else if (!is_fixed)
		return false;
	effect_of(&e, insn);
	if (e.source == SOURCE_ADDRESS || insn->index != DECODE_NONE ||
	    (insn->base != DECODE_RIP && insn->base != DECODE_NONE))
		return touches(variable, address, 1);
	return e.store &&
	       touches(variable, address, e.store_width ? e.store_width : 64);
}

/*
 * Go's assembler makes an address in its own scratch register and uses it in
 * the next instruction; nothing else does.
 */
static bool is_scratch_use(struct insn *next, const struct module *module,
			   const struct effect *e, const struct insn *insn,
			   uint64_t at)
{
	uint8_t scratch = module->machine->go_scratch;

	return module->is_go && insn->is_address && e->dest == scratch &&
	       module_decode(next, module, at + insn->len) &&
	       next->has_memory && !next->is_address && next->base == scratch;
}

/* The same for an instruction that counts from a page: see pages.h. */
static bool is_changed_at(const struct module *module,
			  const struct reach_use *use,
			  const struct variable *variable)
{
	uint64_t address = use->address;
	struct insn insn, next;
	struct effect e;

	if (use->address >= variable->address + variable->width ||
	    !module_decode(&insn, module, use->at))
		return false;
	effect_of(&e, &insn);
	if (is_scratch_use(&next, module, &e, &insn, use->at)) {
		effect_of(&e, &next);
		address += (uint64_t)next.disp;
		insn = next;
	}
	if (insn.is_address || insn.index != DECODE_NONE)
		return touches(variable, address, 1);
	return e.store &&
	       touches(variable, address, e.store_width ? e.store_width : 64);
}

static bool is_changed(const struct reach *reach, const struct module *module,
		       const struct variable *variable)
{
	for (size_t i = 0; i < reach->uses.count; i++)
		if (reach->uses.at[i].at != variable->but &&
		    is_changed_at(module, &reach->uses.at[i], variable))
			return true;
	for (unsigned i = 0; i < module->view.load_count; i++) {
		const struct elf_load *load = &module->view.loads[i];

		if (!module->marks[i])
			continue;
		for (uint64_t n = 0; n < load->bytes.len; n++) {
			uint64_t at = module->base + load->vaddr + n;
			struct insn insn;

			if (at != variable->but &&
			    module->marks[i][n] & MARK_INSN &&
			    module_decode(&insn, module, at) &&
			    is_changed_by(module, &insn, at, variable))
				return true;
		}
	}
	return false;
}

/* The same few variables are asked for again and again. */
static bool may_change(struct frames *frames, const struct module *module,
		       const struct variable *variable)
{
	for (size_t i = 0; i < frames->global_count; i++) {
		const struct frames_global *known = &frames->globals[i];

		if (known->address == variable->address &&
		    known->width == variable->width)
			return known->is_changed;
	}
	if (frames->global_count == FRAMES_GLOBALS)
		return true;
	struct frames_global *known = &frames->globals[frames->global_count++];

	known->address = variable->address;
	known->width = variable->width;
	known->is_changed = is_changed(frames->reach, module, variable);
	return known->is_changed;
}

/* Constants are what the file says; relocated words are addresses. */
const char *globals_value(uint64_t *out, struct frames *frames,
			  uint64_t address, unsigned width)
{
	const struct variable variable = { address, width, 0 };
	const struct module *module = program_module(frames->reach->program,
						     address);
	const struct elf_load *load;

	if (!module || !width || width > 8)
		return "memory that is nowhere";
	load = elf_view_load(&module->view, address - module->base);
	if (!load)
		return "memory that is nowhere";
	for (unsigned i = 0; i < 8; i++)
		if (module_slot(module, address - i))
			return "an address in memory";
	*out = bytes_number(module_bytes(module, address), 0, width);
	if (!(load->flags & PF_W))
		return NULL;
	/*
	 * In C a pointer to something before it may reach a variable. Go has
	 * no such pointers, and keeps system call numbers in variables.
	 */
	if (!module->is_go)
		return "a variable in memory";
	return may_change(frames, module, &variable) ? "a variable in memory"
						     : NULL;
}

bool globals_is_named(const struct reach *reach, uint64_t address,
		      unsigned width, uint64_t but)
{
	const struct variable variable = { address, width, but };

	return is_changed(reach, program_module(reach->program, address),
			  &variable);
}
