#include "seccomp/program.h"

#include <elf.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/scope.h"

enum { CHAIN_MAX = 2048, HINT_BYTES = 2 };

static uint64_t hash(struct slice name)
{
	uint64_t value = slice_hash(name);

	return value ^ value >> 29;
}

/*
 * Most texts of a file are nobody's name, which their length and three bytes
 * tell nearly always: a bit for each such sum, of which few are set.
 */
static size_t hint(const struct program *program, struct slice name)
{
	const uint8_t *at = (const uint8_t *)name.at;

	if (!name.len)
		return 0;
	uint64_t sum = at[0] | (uint64_t)at[name.len / 2] << 8 |
		       (uint64_t)at[name.len - 1] << 16 |
		       (uint64_t)name.len << 24;

	return (sum * 0x9e3779b97f4a7c15) >> 32 &
	       (program->bucket_count * 8 * HINT_BYTES - 1);
}

static bool may_be_defined(const struct program *program, struct slice name)
{
	size_t bit = hint(program, name);

	return program->hints[bit / 8] & 1u << bit % 8;
}

static void add_definitions(struct program *program,
			    const struct module *module)
{
	struct elf_symbol symbol;

	for (uint64_t i = 0; i < module->view.dynsym_count; i++) {
		if (!elf_symbol_dynamic(&symbol, &module->view, i))
			break;
		if (!symbol.is_defined || !symbol.name.len ||
		    symbol.bind == STB_LOCAL || symbol.type == STT_TLS ||
		    !module_is_code(module, module->base + symbol.value))
			continue;
		LIST_ADD(&program->definitions,
			 (struct definition){
				 .name = symbol.name,
				 .version = module_version(module, i),
				 .is_hidden = elf_symbol_is_hidden(
					 &module->view, i),
				 .address = module->base + symbol.value,
				 .type = symbol.type,
			 });
	}
}

/*
 * From the last to the first, so that each chain is in scope order. Chains of
 * real programs have a few links; long ones are made to cost time.
 */
static int make_buckets(struct program *program, struct err *err)
{
	auto_free uint16_t *lengths = NULL;

	program->bucket_count = 64;
	while (program->bucket_count < program->definitions.count)
		program->bucket_count *= 2;
	program->buckets = mem_new(program->bucket_count, sizeof(uint32_t));
	program->hints = mem_new(program->bucket_count, HINT_BYTES);
	lengths = mem_new(program->bucket_count, sizeof(*lengths));
	for (size_t i = program->definitions.count; i-- > 1;) {
		struct definition *d = &program->definitions.at[i];
		size_t n = hash(d->name) & (program->bucket_count - 1);
		size_t bit = hint(program, d->name);

		program->hints[bit / 8] |= (uint8_t)(1u << bit % 8);
		if (++lengths[n] > CHAIN_MAX)
			return err_set(err, 0, "%.*s: too many of that name",
				       SLICE_ARGS(d->name));
		d->next = program->buckets[n];
		program->buckets[n] = (uint32_t)i;
	}
	return 0;
}

/* What each relocation means to the loader, which is asked again and again. */
static void link_slots(struct program *program, struct module *module)
{
	for (size_t i = 0; i < module->slots.count; i++) {
		struct slot *slot = &module->slots.at[i];
		const struct definition *d = NULL;

		if (slot->kind == RELOC_PLT || slot->kind == RELOC_GOT ||
		    slot->kind == RELOC_SYMBOL)
			d = program_symbol(program, module, slot->symbol);
		if (d)
			slot->definition = (uint32_t)(d -
						      program->definitions.at);
	}
}

int program_open(struct program *out, const struct program_file *files,
		 size_t count, struct err *err)
{
	*out = (struct program){ 0 };
	if (count > PROGRAM_MODULES)
		return err_set(err, 0, "more than %d files", PROGRAM_MODULES);
	LIST_ADD(&out->definitions, (struct definition){ 0 });
	for (size_t i = 0; i < count; i++) {
		struct module module;

		/* Number 0 is left out: small numbers are no addresses. */
		int result = module_open(&module, (unsigned)i + 1,
					 files[i].name, files[i].bytes, err);

		module.is_whole = files[i].is_whole;
		module.is_loader = files[i].is_loader;
		module.is_late = files[i].is_late;
		LIST_ADD(&out->modules, module);
		if (result == 0 && module.machine != out->modules.at[0].machine)
			result = err_set(err, 0, "%.*s: for another machine",
					 SLICE_ARGS(module.name));
		if (result < 0) {
			program_close(out);
			return -1;
		}
		out->machine = module.machine;
		add_definitions(out, &out->modules.at[i]);
	}
	if (make_buckets(out, err) < 0) {
		program_close(out);
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		link_slots(out, &out->modules.at[i]);
	return 0;
}

void program_close(struct program *program)
{
	for (size_t i = 0; i < program->modules.count; i++)
		module_close(&program->modules.at[i]);
	free(program->modules.at);
	free(program->definitions.at);
	free(program->buckets);
	free(program->hints);
	*program = (struct program){ 0 };
}

struct module *program_module(const struct program *program, uint64_t address)
{
	uint64_t number = address >> MODULE_SHIFT;

	if (!number || number > program->modules.count)
		return NULL;
	return &program->modules.at[number - 1];
}

/*
 * The loader takes the first definition of the version asked for, or of no
 * version; asked for none, the first that is not hidden.
 */
static bool fits(const struct definition *d, struct slice version)
{
	if (!version.len)
		return !d->is_hidden;
	return !d->version.len || slice_same(d->version, version);
}

const struct definition *program_named(const struct program *program,
				       struct slice name,
				       const struct definition *after)
{
	uint32_t i = 0;

	if (after)
		i = after->next;
	else if (may_be_defined(program, name))
		i = program->buckets[hash(name) & (program->bucket_count - 1)];
	while (i && !slice_same(program->definitions.at[i].name, name))
		i = program->definitions.at[i].next;
	return i ? &program->definitions.at[i] : NULL;
}

const struct definition *program_find(const struct program *program,
				      struct slice name, struct slice version)
{
	const struct definition *d = NULL;
	const struct definition *other = NULL;

	while ((d = program_named(program, name, d))) {
		if (fits(d, version))
			return d;
		/* A name in another version alone is better than none. */
		other = other ? other : d;
	}
	return other;
}

const struct definition *program_symbol(const struct program *program,
					const struct module *module,
					uint32_t symbol)
{
	struct elf_symbol found;

	if (!elf_symbol_dynamic(&found, &module->view, symbol) ||
	    !found.name.len)
		return NULL;
	return program_find(program, found.name,
			    module_version(module, symbol));
}

const struct definition *program_slot(const struct program *program,
				      const struct slot *slot)
{
	return slot->definition ? &program->definitions.at[slot->definition]
				: NULL;
}
