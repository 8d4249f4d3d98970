#include "seccomp/sasl.h"

#include <elf.h>

#include "data/bytes.h"
#include "seccomp/derive.h"
#include "seccomp/globals.h"
#include "seccomp/machine.h"
#include "seccomp/values.h"

/* sasl/sasl.h: struct sasl_callback { unsigned long id; proc; context; } */
enum { CALLBACK_SIZE = 24, CALLBACKS_MAX = 64 };
enum { CB_LIST_END = 0, CB_GETOPT = 1, CB_GETPATH = 3, CB_GETCONFPATH = 5 };

static enum sasl_choice larger(enum sasl_choice a, enum sasl_choice b)
{
	return a > b ? a : b;
}

/* Stores the file's id of that place; false: the file does not say. */
static bool read_id(uint64_t *out, const struct module *module, uint64_t at)
{
	struct slice bytes = module_bytes(module, at);

	for (uint64_t i = 0; i < 8; i++)
		if (module_slot(module, at - i) || module_slot(module, at + i))
			return false;
	if (bytes.len < CALLBACK_SIZE)
		return false;
	*out = bytes_number(bytes, 0, 8);
	return true;
}

/* What an instruction leaves of the registers that hold it; false: it is used. */
static bool pass(uint32_t *held, const struct insn *insn)
{
	bool is_copy;
	struct effect e;

	effect_of(&e, insn);
	is_copy = e.source == SOURCE_REG && e.op == OP_NONE && e.width == 8 &&
		  e.dest != DECODE_NONE && e.reg != DECODE_NONE && !e.store &&
		  !e.is_maybe && *held & REG_BIT(e.reg);
	for (uint8_t reg = 0; reg < 32; reg++)
		if (*held & REG_BIT(reg) && insn->machine->names(insn, reg) &&
		    !(is_copy && e.reg == reg))
			return false;
	if (!e.is_maybe)
		*held &= ~e.writes;
	if (is_copy)
		*held |= REG_BIT(e.dest);
	return true;
}

/*
 * The address that an instruction takes goes nowhere but into the call, to
 * which no jumps lead from there: so nobody writes by way of it.
 */
static bool is_only_passed(const struct module *module, uint64_t at,
			   uint64_t call)
{
	uint32_t held;
	struct insn insn;
	struct effect e;

	if (!module_decode(&insn, module, at))
		return false;
	effect_of(&e, &insn);
	if (e.dest == DECODE_NONE || e.store)
		return false;
	held = REG_BIT(e.dest);
	while ((at += insn.len) < call)
		if (!module_decode(&insn, module, at) ||
		    insn.flow != FLOW_NEXT || !pass(&held, &insn))
			return false;
	return at == call && !(held & module->machine->kept);
}

/* The file's bytes are what the table always is that the call at that gets. */
static bool is_constant(const struct reach *reach, const struct value *value,
			uint64_t end, uint64_t call)
{
	uint64_t begin = values_address(reach->program, value);
	const struct module *module = program_module(reach->program, begin);
	uint64_t address = begin - module->base;
	const struct elf_load *load = elf_view_load(&module->view, address);
	const struct elf_range *relro = &module->view.relro;

	if (!load || !(load->flags & PF_W) ||
	    (address >= relro->begin && end - module->base <= relro->end))
		return load;
	return module->view.type != ET_EXEC && !module->machine->has_anchors &&
	       program_module(reach->program, value->at) == module &&
	       is_only_passed(module, value->at, call) &&
	       !module_has_pointer(module, begin, end) &&
	       !module_has_export(module, begin, end) &&
	       !globals_is_named(reach, begin, (unsigned)(end - begin),
				 value->at);
}

static enum sasl_choice see_table(const struct reach *reach,
				  const struct value *value, uint64_t call)
{
	uint64_t begin = values_address(reach->program, value);
	const struct module *module = program_module(reach->program, begin);
	enum sasl_choice choice = SASL_NOTHING;
	uint64_t id = CB_LIST_END;
	uint64_t at = begin;

	if (!value->value)
		return SASL_NOTHING;
	for (int i = 0; i < CALLBACKS_MAX && module; i++) {
		if (!read_id(&id, module, at) || id == CB_GETPATH)
			return SASL_DIRECTORY;
		at += CALLBACK_SIZE;
		if (id == CB_LIST_END)
			break;
		if (id == CB_GETOPT || id == CB_GETCONFPATH)
			choice = SASL_CONFIGURATION;
	}
	if (!module || id != CB_LIST_END ||
	    !is_constant(reach, value, at, call))
		return SASL_DIRECTORY;
	return choice;
}

static enum sasl_choice see_call(struct derive *derive, uint64_t at)
{
	const struct module *module = program_module(&derive->program, at);
	enum sasl_choice choice = SASL_NOTHING;
	struct values values;

	values_find(&values, &derive->frames, at, module->machine->arguments[0],
		    8);
	if (!values.is_known)
		return SASL_DIRECTORY;
	for (size_t i = 0; i < values.count; i++)
		choice = larger(choice, see_table(&derive->reach,
						  &values.values[i], at));
	return choice;
}

static enum sasl_choice see_function(struct derive *derive, uint64_t address)
{
	const struct module *sasl = program_module(&derive->program, address);
	uint8_t mark = *module_mark(sasl, address);
	enum sasl_choice choice = SASL_NOTHING;
	size_t count;
	const struct reach_edge *edges = reach_edges(&count, &derive->reach,
						     address);

	if (mark & (MARK_UNKNOWN | MARK_TAKEN))
		return SASL_DIRECTORY;
	for (size_t i = 0; i < count; i++)
		choice = larger(choice, see_call(derive, edges[i].from));
	return choice;
}

enum sasl_choice sasl_find(struct derive *derive, const struct module *sasl)
{
	static const char *const names[] = { "sasl_server_init",
					     "sasl_client_init" };
	enum sasl_choice choice = SASL_NOTHING;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct definition *d = NULL;
		bool is_here = false;

		while ((d = program_named(&derive->program,
					  slice_from(names[i]), d))) {
			if (program_module(&derive->program, d->address) !=
			    sasl)
				continue;
			is_here = true;
			choice = larger(choice,
					see_function(derive, d->address));
		}
		if (!is_here)
			return SASL_DIRECTORY;
	}
	return choice;
}
