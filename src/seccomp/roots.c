#include <elf.h>

#include "data/bytes.h"
#include "seccomp/owned.h"
#include "seccomp/reach_parts.h"

/* What loaders look up by name in the libraries that they have loaded. */
static const char *const looked_up[] = {
	"__libc_early_init", /* glibc's loader, in libc.so.6 */
	"malloc",
	"calloc",
	"realloc",
	"free",
	"__dls2b", /* musl's, in itself */
	"__dls3",
};

/* libc opens libgcc_s by itself, to unwind a cancelled thread. */
static const char *const unwinder[] = { "_Unwind_", "__gcc_personality" };

/*
 * Data holds the address. Within a function it is a label: those of a program
 * at a fixed place are mostly tables of switch statements, which only that
 * function uses; elsewhere such tables hold distances.
 */
static void see_pointer(struct reach *reach, const struct module *module,
			uint64_t to, uint64_t from)
{
	const struct region *region;

	if (!module_is_code(module, to)) {
		reach_name(reach, module, to);
		return;
	}
	region = module_region(module, to);
	if (module->view.type == ET_EXEC && region && region->begin != to)
		*module_mark(module, to) |= MARK_UNKNOWN;
	else
		reach_link(reach, to, from, REACH_POINTER);
}

static void see_slot(struct reach *reach, const struct module *module,
		     const struct slot *slot)
{
	const struct definition *d;

	switch (slot->kind) {
	case RELOC_RESOLVER:
		reach_link(reach, module->base + (uint64_t)slot->addend,
			   slot->address, REACH_ENTRY);
		break;
	case RELOC_RELATIVE:
		if (module_is_got(module, slot->address) ||
		    owned_waits(reach, slot->address))
			break;
		see_pointer(reach, module,
			    module->base + (uint64_t)slot->addend,
			    slot->address);
		break;
	case RELOC_SYMBOL:
		reach_link_slot(reach, module, slot, slot->address,
				REACH_POINTER);
		break;
	case RELOC_GOT:
	case RELOC_PLT:
		d = program_slot(reach->program, slot);
		if (d && d->type == STT_GNU_IFUNC)
			reach_link_definition(reach, d, slot->address,
					      REACH_ENTRY);
		break;
	default:
		break;
	}
}

/* The loader's own table: its addresses are reached by name alone. */
static bool is_symbol(const struct module *module, uint64_t address)
{
	const struct elf_range *symbols = &module->view.dynsym_range;

	return address >= symbols->begin && address < symbols->end;
}

/* Go's own table of functions: its numbers are distances and no labels. */
static bool is_go_table(const struct module *module, uint64_t from)
{
	const struct elf_range *table = &module->go.range;

	return module->is_go && from >= table->begin && from < table->end;
}

/*
 * Without relocations any word may be an address. C's packed structures put
 * them at odd places, so all places are looked at; where nothing says that a
 * function begins, only aligned ones, and so in Go.
 */
static void scan_load(struct reach *reach, const struct module *module,
		      const struct elf_load *load)
{
	struct slice bytes = load->bytes;

	for (uint64_t at = 0; at + 8 <= bytes.len; at++) {
		uint64_t from = module->base + load->vaddr + at;
		const struct region *region;
		uint64_t to;

		memcpy(&to, bytes.at + at, sizeof(to));
		if (to >> MODULE_SHIFT || to < 4096 ||
		    is_symbol(module, load->vaddr + at))
			continue;
		to += module->base;
		if (!module_is_code(module, to)) {
			if (from % 8 == 0)
				reach_name(reach, module, to);
			continue;
		}
		region = module_region(module, to);
		if (is_go_table(module, from - module->base) &&
		    (!region || region->begin != to))
			continue;
		if (from % 8 == 0 ||
		    (!module->is_go && region && region->begin == to))
			see_pointer(reach, module, to, from);
	}
}

/* "pkg.T.M", "pkg.(*T).M", but not "pkg.F": only those are in type tables. */
static bool is_method(struct slice name)
{
	size_t dots = 0;

	for (size_t i = name.len; i-- > 0 && name.at[i] != '/';)
		dots += name.at[i] == '.';
	return dots > 1;
}

/* Go's type tables hold methods as 32-bit distances from the text's start. */
static void scan_go(struct reach *reach, const struct module *module,
		    const struct elf_load *load)
{
	for (uint64_t at = 0; at + 4 <= load->bytes.len; at += 4) {
		uint64_t from = load->vaddr + at;
		const struct region *region;
		uint64_t to = module->base + module->go.text +
			      bytes_number(load->bytes, at, 4);

		if (is_go_table(module, from) ||
		    (module->view.code_count &&
		     module_is_code(module, module->base + from)))
			continue;
		region = module_region(module, to);
		if (region && region->begin == to &&
		    is_method(module_function(&to, module, to)))
			reach_link(reach, to, module->base + from,
				   REACH_POINTER);
	}
}

static void scan(struct reach *reach, const struct module *module)
{
	for (unsigned i = 0; i < module->view.load_count; i++) {
		const struct elf_load *load = &module->view.loads[i];

		if (module->view.type == ET_EXEC)
			scan_load(reach, module, load);
		if (module->is_go)
			scan_go(reach, module, load);
	}
}

static void see_functions(struct reach *reach, const struct module *module)
{
	static const uint64_t tags[] = { DT_INIT, DT_FINI };

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		uint64_t address;

		if (elf_view_dynamic(&address, &module->view, tags[i]))
			reach_link(reach, module->base + address, 0,
				   REACH_ENTRY);
	}
}

static bool is_unwinder(struct slice name)
{
	for (size_t i = 0; i < sizeof(unwinder) / sizeof(unwinder[0]); i++)
		if (slice_has_prefix(name, unwinder[i]))
			return true;
	return false;
}

static void see_definitions(struct reach *reach)
{
	struct program *program = reach->program;

	for (size_t i = 1; i < program->definitions.count; i++) {
		const struct definition *d = &program->definitions.at[i];

		if (program_module(program, d->address)->is_whole ||
		    is_unwinder(d->name))
			reach_link_definition(reach, d, 0, REACH_EXPORT);
	}
	for (size_t i = 0; i < sizeof(looked_up) / sizeof(looked_up[0]); i++) {
		const struct definition *d = NULL;

		while ((d = program_named(program, slice_from(looked_up[i]),
					  d)))
			reach_link_definition(reach, d, 0, REACH_ENTRY);
	}
}

void reach_roots(struct reach *reach)
{
	struct program *program = reach->program;

	owned_find(reach);
	for (size_t i = 0; i < program->modules.count; i++) {
		const struct module *module = &program->modules.at[i];

		/* The kernel starts the loader, and that the program. */
		if (i == 0 || module->is_loader)
			reach_link(reach, module->base + module->view.entry, 0,
				   REACH_ENTRY);
		see_functions(reach, module);
	}
	for (size_t i = 0; i < program->modules.count; i++) {
		const struct module *module = &program->modules.at[i];

		for (size_t n = 0; n < module->slots.count; n++)
			see_slot(reach, module, &module->slots.at[n]);
		scan(reach, module);
	}
	see_definitions(reach);
}
