#include "seccomp/module.h"

#include <elf.h>
#include <stdlib.h>

#include "base/err.h"
#include "data/bytes.h"
#include "seccomp/machine.h"
#include "seccomp/regions.h"

enum { CODE_MAX = 512 << 20, SPAN_MAX = 1 << 18 };

static int compare_slots(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static void add_slot(void *context, const struct elf_reloc *reloc)
{
	struct module *module = context;

	LIST_ADD(&module->slots,
		 (struct slot){
			 .address = module->base + reloc->offset,
			 .kind = reloc->kind,
			 .symbol = reloc->symbol,
			 .addend = reloc->addend,
		 });
}

static int compare_labels(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static void add_labels(struct module *module,
		       bool (*get)(struct elf_symbol *, const struct elf_view *,
				   uint64_t),
		       uint64_t count)
{
	struct elf_symbol symbol;

	for (uint64_t i = 0; i < count && get(&symbol, &module->view, i); i++)
		if (symbol.is_defined && symbol.name.len &&
		    (symbol.type == STT_FUNC || symbol.type == STT_GNU_IFUNC ||
		     symbol.type == STT_NOTYPE))
			LIST_ADD(&module->labels,
				 (struct label){ module->base + symbol.value,
						 symbol.name });
}

static void read_labels(struct module *module)
{
	add_labels(module, elf_symbol_static, UINT64_MAX);
	if (!module->labels.count)
		add_labels(module, elf_symbol_dynamic,
			   module->view.dynsym_count);
	if (module->is_go)
		for (uint64_t i = 0; i < module->go.count; i++)
			LIST_ADD(&module->labels,
				 (struct label){
					 module->base +
						 pclntab_entry(&module->go, i),
					 pclntab_name(&module->go, i) });
	if (module->labels.count)
		qsort(module->labels.at, module->labels.count,
		      sizeof(module->labels.at[0]), compare_labels);
}

static void add_version(void *context, uint16_t number, struct slice name)
{
	struct module *module = context;

	while (module->versions.count <= number)
		LIST_ADD(&module->versions, (struct slice){ "", 0 });
	module->versions.at[number] = name;
}

struct slice module_version(const struct module *module, uint64_t symbol)
{
	uint16_t number = elf_symbol_version(&module->view, symbol);

	if (number <= VER_NDX_GLOBAL || number >= module->versions.count)
		return (struct slice){ "", 0 };
	return module->versions.at[number];
}

static int make_marks(struct module *module, struct err *err)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < module->view.load_count; i++) {
		const struct elf_load *load = &module->view.loads[i];

		if ((load->vaddr + load->mem_size) >> MODULE_SHIFT)
			return err_set(err, 0, "an address beyond 2^%d",
				       MODULE_SHIFT);
		if (!(load->flags & PF_X) || !load->bytes.len)
			continue;
		total += load->bytes.len;
		if (total > CODE_MAX)
			return err_set(err, 0, "more than %d MB of code",
				       CODE_MAX >> 20);
		module->marks[i] = mem_new(load->bytes.len, 1);
	}
	return 0;
}

int module_open(struct module *out, unsigned number, struct slice name,
		struct slice file, struct err *err)
{
	*out = (struct module){ .name = name,
				.base = (uint64_t)number << MODULE_SHIFT };
	if (elf_view_open(&out->view, file, err) < 0 ||
	    make_marks(out, err) < 0)
		return err_wrap(err, "%.*s", SLICE_ARGS(name));
	out->machine = machine_by_elf(out->view.machine);
	if (!elf_view_dynamic(&out->table, &out->view, DT_PLTGOT))
		out->table = out->view.got.begin;
	out->is_go = pclntab_find(&out->go, &out->view);
	read_labels(out);
	elf_version_each(&out->view, add_version, out);
	elf_reloc_each(&out->view, add_slot, out);
	if (out->slots.count)
		qsort(out->slots.at, out->slots.count, sizeof(out->slots.at[0]),
		      compare_slots);
	regions_find(out);
	return 0;
}

void module_close(struct module *module)
{
	for (unsigned i = 0; i < ELF_VIEW_LOADS; i++)
		free(module->marks[i]);
	free(module->regions.at);
	free(module->slots.at);
	free(module->labels.at);
	free(module->versions.at);
	*module = (struct module){ 0 };
}

struct code module_code(const struct module *module, uint64_t address)
{
	const struct elf_view *view = &module->view;

	address -= module->base;
	for (unsigned i = 0; i < view->load_count; i++) {
		const struct elf_load *load = &view->loads[i];
		uint64_t offset = address - load->vaddr;

		if (module->marks[i] && address >= load->vaddr &&
		    offset < load->bytes.len)
			return (struct code){ module->marks[i] + offset,
					      (const uint8_t *)load->bytes.at +
						      offset,
					      load->bytes.len - offset };
	}
	return (struct code){ 0 };
}

uint8_t *module_mark(const struct module *module, uint64_t address)
{
	return module_code(module, address).marks;
}

/*
 * Segments without a gap between code and constants make strings executable:
 * there the sections tell the two apart.
 */
bool module_is_code(const struct module *module, uint64_t address)
{
	const struct elf_view *view = &module->view;

	if (!module_mark(module, address))
		return false;
	if (!view->code_count)
		return true;
	for (unsigned i = 0; i < view->code_count; i++)
		if (address - module->base >= view->codes[i].begin &&
		    address - module->base < view->codes[i].end)
			return true;
	return false;
}

/* The first region that ends behind an address. */
static size_t region_index(const struct module *module, uint64_t address)
{
	size_t low = 0;
	size_t high = module->regions.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (module->regions.at[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct region *module_region(const struct module *module, uint64_t address)
{
	size_t i = region_index(module, address);

	if (i == module->regions.count || address < module->regions.at[i].begin)
		return NULL;
	return &module->regions.at[i];
}

uint64_t module_gap_end(const struct module *module, uint64_t address)
{
	size_t i = region_index(module, address);

	return i < module->regions.count ? module->regions.at[i].begin
					 : UINT64_MAX;
}

bool module_begins(const struct module *module, uint64_t address)
{
	const uint8_t *mark = module_mark(module, address);

	return !mark || *mark & MARK_BEGIN;
}

struct elf_range module_extent(const struct module *module, uint64_t address)
{
	const struct region *region = module_region(module, address);
	unsigned unit = module->machine->unit;
	struct elf_range range = { address, address + unit };

	if (region)
		return (struct elf_range){ region->begin, region->end };
	while (address - range.begin < SPAN_MAX &&
	       !module_begins(module, range.begin))
		range.begin -= unit;
	while (range.end - address < SPAN_MAX &&
	       !module_begins(module, range.end))
		range.end += unit;
	return range;
}

const struct slot *module_slot(const struct module *module, uint64_t address)
{
	const struct slot key = { .address = address };

	if (!module->slots.count)
		return NULL;
	return bsearch(&key, module->slots.at, module->slots.count, sizeof(key),
		       compare_slots);
}

bool module_has_pointer(const struct module *module, uint64_t begin,
			uint64_t end)
{
	for (size_t i = 0; i < module->slots.count; i++) {
		const struct slot *slot = &module->slots.at[i];
		uint64_t to = module->base + (uint64_t)slot->addend;

		if (slot->kind == RELOC_RELATIVE && to >= begin && to < end)
			return true;
	}
	return false;
}

bool module_has_export(const struct module *module, uint64_t begin,
		       uint64_t end)
{
	struct elf_symbol symbol;

	for (uint64_t i = 0; i < module->view.dynsym_count; i++) {
		uint64_t to;

		if (!elf_symbol_dynamic(&symbol, &module->view, i))
			return true;
		to = module->base + symbol.value;
		if (symbol.is_defined && to < end &&
		    (to >= begin || to + symbol.size > begin))
			return true;
	}
	return false;
}

bool module_is_got(const struct module *module, uint64_t address)
{
	const struct elf_range *got = &module->view.got;

	address -= module->base;
	return address >= got->begin && address < got->end;
}

struct slice module_bytes(const struct module *module, uint64_t address)
{
	return elf_view_at(&module->view, address - module->base);
}

bool module_decode(struct insn *out, const struct module *module,
		   uint64_t address)
{
	struct slice bytes = module_bytes(module, address);

	return module->machine->decode(out, (const uint8_t *)bytes.at,
				       bytes.len);
}

bool module_previous(struct insn *out, const struct module *module,
		     uint64_t *at)
{
	for (uint64_t len = module->machine->unit;
	     len <= module->machine->len_max; len++) {
		const uint8_t *mark = module_mark(module, *at - len);

		if (mark && *mark & MARK_INSN &&
		    module_decode(out, module, *at - len) && out->len == len) {
			*at -= len;
			return true;
		}
	}
	return false;
}

struct slice module_function(uint64_t *begin, const struct module *module,
			     uint64_t address)
{
	const struct region *region = module_region(module, address);
	size_t low = 0;
	size_t high = module->labels.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (module->labels.at[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	*begin = region ? region->begin : address;
	if (!low)
		return (struct slice){ "", 0 };
	const struct label *label = &module->labels.at[low - 1];

	/* A name further back belongs to a neighbour. */
	if (region && label->address < region->begin)
		return (struct slice){ "", 0 };
	*begin = label->address;
	return label->name;
}
