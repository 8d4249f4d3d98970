#include "seccomp/regions.h"

#include <elf.h>
#include <stdlib.h>

#include "data/unwind.h"
#include "seccomp/module.h"

static void add(struct module *module, uint64_t begin, uint64_t end,
		uint64_t lsda)
{
	begin += module->base;
	end += module->base;
	if (end > begin && module_mark(module, begin) &&
	    module_mark(module, end - 1))
		LIST_ADD(&module->regions,
			 (struct region){ begin, end,
					  lsda ? module->base + lsda : 0,
					  false });
}

static void add_unwind(void *context, const struct unwind_range *range)
{
	add(context, range->code.begin, range->code.end, range->lsda);
}

static void add_symbols(struct module *module,
			bool (*get)(struct elf_symbol *,
				    const struct elf_view *, uint64_t),
			uint64_t count)
{
	struct elf_symbol symbol;

	for (uint64_t i = 0; i < count && get(&symbol, &module->view, i); i++)
		if (symbol.is_defined &&
		    (symbol.type == STT_FUNC || symbol.type == STT_GNU_IFUNC))
			add(module, symbol.value, symbol.value + symbol.size,
			    0);
}

static void add_go(struct module *module)
{
	for (uint64_t i = 0; i < module->go.count; i++)
		add(module, pclntab_entry(&module->go, i),
		    pclntab_entry(&module->go, i + 1), 0);
}

static int compare(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->end > y->end ? -1 : x->end < y->end;
}

/*
 * One region for each beginning, each ending before the next. Of an outer one
 * what lies behind the inner is kept as a region of its own.
 */
static void make_disjoint(struct module *module)
{
	const struct region *in = module->regions.at;
	size_t count = module->regions.count;
	LIST(struct region) out = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct region region = in[i];
		struct region *last = out.count ? &out.at[out.count - 1] : NULL;
		uint64_t rest = 0;

		if (last && last->begin == region.begin) {
			last->lsda = last->lsda ? last->lsda : region.lsda;
			continue;
		}
		if (last && last->end > region.begin) {
			rest = last->end;
			last->end = region.begin;
		}
		LIST_ADD(&out, region);
		if (rest > region.end &&
		    (i + 1 == count || in[i + 1].begin > region.end))
			LIST_ADD(&out,
				 (struct region){ region.end, rest, 0, false });
		else if (rest > region.end)
			out.at[out.count - 1].end = rest;
	}
	free(module->regions.at);
	module->regions.at = out.at;
	module->regions.count = out.count;
	module->regions.cap = out.cap;
}

void regions_find(struct module *module)
{
	unwind_each(&module->view, add_unwind, module);
	add_symbols(module, elf_symbol_static, UINT64_MAX);
	add_symbols(module, elf_symbol_dynamic, module->view.dynsym_count);
	if (module->is_go)
		add_go(module);
	if (!module->regions.count)
		return;
	qsort(module->regions.at, module->regions.count,
	      sizeof(module->regions.at[0]), compare);
	make_disjoint(module);
}
