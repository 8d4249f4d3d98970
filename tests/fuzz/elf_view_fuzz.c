#include <stdint.h>

#include "base/err.h"
#include "data/elf_symbol.h"
#include "data/pclntab.h"
#include "data/unwind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void see_reloc(void *context, const struct elf_reloc *reloc)
{
	struct elf_symbol symbol;

	elf_symbol_dynamic(&symbol, context, reloc->symbol);
	elf_symbol_version(context, reloc->symbol);
}

static void see_version(void *context, uint16_t number, struct slice name)
{
	(void)context;
	(void)number;
	(void)name;
}

static void see_landing(void *context, uint64_t address)
{
	elf_view_load(context, address);
}

static void see_range(void *context, const struct unwind_range *range)
{
	unwind_landings(context, range, see_landing, context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_view view;
	struct elf_symbol symbol;
	struct pclntab tab;
	struct err err;

	if (elf_view_open(&view, (struct slice){ (const char *)data, size },
			  &err) < 0)
		return 0;
	elf_reloc_each(&view, see_reloc, &view);
	elf_version_each(&view, see_version, NULL);
	unwind_each(&view, see_range, &view);
	for (uint64_t i = 0; elf_symbol_static(&symbol, &view, i); i++)
		elf_view_at(&view, symbol.value);
	if (pclntab_find(&tab, &view))
		for (uint64_t i = 0; i < tab.count; i++)
			pclntab_name(&tab, i);
	return 0;
}
