#include "seccomp/inert.h"

#include <elf.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/list.h"
#include "base/scope.h"
#include "seccomp/machine.h"
#include "seccomp/module.h"

/* What the loader and the compiler put in everywhere, and find nowhere. */
static const char usual[] = "__gmon_start__ _ITM_registerTMCloneTable "
			    "_ITM_deregisterTMCloneTable";

struct candidate {
	struct module module;
	bool is_open, is_out;
};

static bool calls_kernel(const struct insn *insn)
{
	return insn->flow == FLOW_SYSCALL || insn->flow == FLOW_FOREIGN;
}

/* A function of known extent is read as reach does; else every place. */
static bool has_call(const struct module *module, const struct elf_load *load)
{
	uint64_t at = module->base + load->vaddr;
	uint64_t end = at + load->bytes.len;
	struct insn insn;

	while (at < end) {
		const struct region *region = module_region(module, at);
		bool is_one = module_decode(&insn, module, at);

		if (is_one && calls_kernel(&insn))
			return true;
		at += region && is_one ? insn.len : module->machine->unit;
		/* Some last instructions go beyond their function's end. */
		if (region && at > region->end)
			at = region->end;
	}
	return false;
}

static bool has_calls(const struct module *module)
{
	for (unsigned i = 0; i < module->view.load_count; i++)
		if (module->marks[i] &&
		    has_call(module, &module->view.loads[i]))
			return true;
	return false;
}

static bool is_word(struct slice name, const char *words)
{
	struct slice rest = slice_from(words ? words : "");
	struct slice word;

	while (slice_word(&word, &rest))
		if (slice_same(word, name))
			return true;
	return false;
}

/* What one of them exports. */
struct export
{
	uint64_t hash;
	struct slice name;
	size_t by;
};

struct exports {
	LIST(struct export) all;
};

static void add_exports(struct exports *out, const struct candidate *all,
			size_t by)
{
	const struct elf_view *view = &all[by].module.view;
	struct elf_symbol symbol;

	for (uint64_t i = 0; i < view->dynsym_count; i++)
		if (elf_symbol_dynamic(&symbol, view, i) && symbol.is_defined)
			LIST_ADD(&out->all,
				 (struct export){ slice_hash(symbol.name),
						  symbol.name, by });
}

static bool is_exported(const struct exports *exports,
			const struct candidate *all, struct slice name)
{
	uint64_t hash = slice_hash(name);

	for (size_t i = 0; i < exports->all.count; i++) {
		const struct export *e = &exports->all.at[i];

		if (e->hash == hash && !all[e->by].is_out &&
		    slice_same(e->name, name))
			return true;
	}
	return false;
}

static bool may_import(const struct exports *exports,
		       const struct candidate *all, const struct module *module,
		       const char *calls)
{
	struct elf_symbol symbol;

	for (size_t i = 0; i < module->slots.count; i++) {
		const struct slot *slot = &module->slots.at[i];

		if (slot->kind == RELOC_RELATIVE ||
		    slot->kind == RELOC_RESOLVER)
			continue;
		if (!elf_symbol_dynamic(&symbol, &module->view, slot->symbol))
			return false;
		if (symbol.name.len && !symbol.is_defined &&
		    !is_word(symbol.name, calls) &&
		    !is_word(symbol.name, usual) &&
		    !is_exported(exports, all, symbol.name))
			return false;
	}
	return true;
}

/* Who is out exports nothing to the others any more. */
static bool sift(const struct exports *exports, struct candidate *all,
		 size_t count, const char *calls)
{
	bool is_news = false;

	for (size_t i = 0; i < count; i++) {
		if (all[i].is_out ||
		    may_import(exports, all, &all[i].module, calls))
			continue;
		all[i].is_out = true;
		is_news = true;
	}
	return is_news;
}

void inert_find(bool *is_inert, const struct slice *files, size_t count,
		const char *calls)
{
	auto_free struct candidate *all = mem_new(count + 1, sizeof(*all));
	struct exports exports = { .all = { 0 } };
	struct err ignored;

	for (size_t i = 0; i < count; i++) {
		all[i].is_open = module_open(&all[i].module, 1, SLICE("?"),
					     files[i], &ignored) == 0;
		all[i].is_out = !calls || !all[i].is_open ||
				has_calls(&all[i].module);
		if (!all[i].is_out)
			add_exports(&exports, all, i);
	}
	while (sift(&exports, all, count, calls))
		;
	free(exports.all.at);
	for (size_t i = 0; i < count; i++) {
		is_inert[i] = !all[i].is_out;
		module_close(&all[i].module);
	}
}
