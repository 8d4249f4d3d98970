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
	struct elf_view view;
	LIST(struct slice) imports; /* but for what it may have of others */
	LIST(struct slice) own;	    /* what it takes that it also defines */
	bool is_out;
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

/* Most files have no bytes at all that would be such an instruction. */
static bool may_have_calls(const struct elf_view *view)
{
	const struct machine *machine = machine_by_elf(view->machine);

	for (unsigned i = 0; i < view->load_count; i++) {
		const struct elf_load *load = &view->loads[i];

		if (load->flags & PF_X &&
		    machine->may_call((const uint8_t *)load->bytes.at,
				      load->bytes.len))
			return true;
	}
	return false;
}

static bool has_calls(const struct elf_view *view)
{
	struct module module;
	struct err ignored;
	bool is_found = false;

	if (!may_have_calls(view))
		return false;
	if (module_open(&module, 1, SLICE("?"), view->file, &ignored) < 0)
		is_found = true;
	for (unsigned i = 0; !is_found && i < module.view.load_count; i++)
		is_found = module.marks[i] &&
			   has_call(&module, &module.view.loads[i]);
	module_close(&module);
	return is_found;
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

struct imports {
	struct candidate *candidate;
	const char *calls;
};

static void see_import(void *context, const struct elf_reloc *reloc)
{
	struct imports *imports = context;
	struct candidate *candidate = imports->candidate;
	struct elf_symbol symbol;

	if (reloc->kind == RELOC_RELATIVE || reloc->kind == RELOC_RESOLVER)
		return;
	if (!elf_symbol_dynamic(&symbol, &candidate->view, reloc->symbol))
		candidate->is_out = true;
	else if (!symbol.name.len || is_word(symbol.name, imports->calls) ||
		 is_word(symbol.name, usual))
		return;
	else if (symbol.is_defined)
		LIST_ADD(&candidate->own, symbol.name);
	else
		LIST_ADD(&candidate->imports, symbol.name);
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
	const struct elf_view *view = &all[by].view;
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

static void add_names(struct exports *out, const struct slice *names,
		      size_t count, size_t by)
{
	for (size_t i = 0; i < count; i++)
		LIST_ADD(&out->all,
			 (struct export){ slice_hash(names[i]), names[i], by });
}

static void see_defined(const struct exports *wanted, struct candidate *all,
			struct slice name)
{
	uint64_t hash = slice_hash(name);

	for (size_t i = 0; i < wanted->all.count; i++) {
		const struct export *e = &wanted->all.at[i];

		if (e->hash == hash && slice_same(e->name, name))
			all[e->by].is_out = true;
	}
}

/*
 * The loader takes a name from the program and its libraries first, whoever
 * else defines it.
 */
static void sift_hidden(struct candidate *all, size_t count,
			const struct slice *others, size_t other_count)
{
	struct exports wanted = { .all = { 0 } };
	struct elf_symbol symbol;
	struct elf_view view;
	struct err ignored;

	for (size_t i = 0; i < count; i++) {
		add_names(&wanted, all[i].own.at, all[i].own.count, i);
		add_names(&wanted, all[i].imports.at, all[i].imports.count, i);
	}
	for (size_t n = 0; n < other_count && wanted.all.count; n++) {
		if (elf_view_open(&view, others[n], &ignored) < 0)
			continue;
		for (uint64_t i = 0; i < view.dynsym_count; i++)
			if (elf_symbol_dynamic(&symbol, &view, i) &&
			    symbol.is_defined)
				see_defined(&wanted, all, symbol.name);
	}
	free(wanted.all.at);
}

static bool may_import(const struct exports *exports,
		       const struct candidate *all, const struct candidate *one)
{
	for (size_t i = 0; i < one->imports.count; i++)
		if (!is_exported(exports, all, one->imports.at[i]))
			return false;
	return true;
}

/* Who is out exports nothing to the others any more. */
static bool sift(const struct exports *exports, struct candidate *all,
		 size_t count)
{
	bool is_news = false;

	for (size_t i = 0; i < count; i++) {
		if (all[i].is_out || may_import(exports, all, &all[i]))
			continue;
		all[i].is_out = true;
		is_news = true;
	}
	return is_news;
}

static void open_one(struct candidate *out, struct slice file,
		     const char *calls)
{
	struct imports imports = { out, calls };
	struct err ignored;

	out->is_out = !calls || elf_view_open(&out->view, file, &ignored) < 0 ||
		      has_calls(&out->view);
	if (!out->is_out)
		elf_reloc_each(&out->view, see_import, &imports);
}

void inert_find(bool *is_inert, const struct slice *files, size_t count,
		const char *calls, const struct slice *others,
		size_t other_count)
{
	auto_free struct candidate *all = mem_new(count + 1, sizeof(*all));
	struct exports exports = { .all = { 0 } };

	for (size_t i = 0; i < count; i++) {
		open_one(&all[i], files[i], calls);
		if (!all[i].is_out)
			add_exports(&exports, all, i);
	}
	sift_hidden(all, count, others, other_count);
	while (sift(&exports, all, count))
		;
	free(exports.all.at);
	for (size_t i = 0; i < count; i++) {
		is_inert[i] = !all[i].is_out;
		free(all[i].imports.at);
		free(all[i].own.at);
	}
}
