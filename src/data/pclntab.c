#include "data/pclntab.h"

#include <elf.h>

#include "data/bytes.h"
#include "data/elf_symbol.h"

enum {
	MAGIC_116 = 0xfffffffa,
	MAGIC_118 = 0xfffffff0,
	MAGIC_120 = 0xfffffff1,
	POINTER_SIZE = 8,
	ALIGNMENT = 32,
	COUNT_MAX = 1 << 22,
};

/* Magic, two zero bytes, the unit of instructions, the size of pointers. */
static bool is_header(const struct elf_view *view, struct slice bytes)
{
	uint64_t unit = view->machine == EM_X86_64 ? 1 : 4;
	uint64_t magic = bytes_number(bytes, 0, 4);

	return (magic == MAGIC_116 || magic == MAGIC_118 ||
		magic == MAGIC_120) &&
	       bytes_number(bytes, 4, 2) == 0 &&
	       bytes_number(bytes, 6, 1) == unit &&
	       bytes_number(bytes, 7, 1) == POINTER_SIZE;
}

/* The offsets of the parts follow the counts; 1.18 put the text's between. */
static bool read_header(struct pclntab *out, struct slice bytes)
{
	bool is_116 = bytes_number(bytes, 0, 4) == MAGIC_116;
	unsigned at = is_116 ? 24 : 32;

	*out = (struct pclntab){
		.bytes = bytes,
		.count = bytes_number(bytes, 8, 8),
		.text = is_116 ? 0 : bytes_number(bytes, 24, 8),
		.names = bytes_number(bytes, at, 8),
		.table = bytes_number(bytes, at + 32, 8),
		.width = is_116 ? 8 : 4,
	};
	return out->count && out->count < COUNT_MAX &&
	       bytes_hold(bytes, out->table, (2 * out->count + 1) * out->width);
}

uint64_t pclntab_entry(const struct pclntab *tab, uint64_t i)
{
	return tab->text + bytes_number(tab->bytes,
					tab->table + 2 * i * tab->width,
					tab->width);
}

static uint64_t record(const struct pclntab *tab, uint64_t i)
{
	uint64_t at = tab->table + (2 * i + 1) * tab->width;

	return tab->table + bytes_number(tab->bytes, at, tab->width);
}

struct slice pclntab_name(const struct pclntab *tab, uint64_t i)
{
	uint64_t at = record(tab, i) + (tab->width == 8 ? 8 : 4);

	return bytes_text(tab->bytes,
			  tab->names + bytes_number(tab->bytes, at, 4));
}

/* Entries ascend and lie in code: what a chance match would not do. */
static bool is_plausible(const struct pclntab *tab, const struct elf_view *view)
{
	uint64_t last = pclntab_entry(tab, 0);

	for (uint64_t i = 0; i < tab->count; i++) {
		const struct elf_load *load;
		uint64_t entry = pclntab_entry(tab, i);

		load = elf_view_load(view, entry);
		if (!load || !(load->flags & PF_X) || entry < last)
			return false;
		last = entry;
	}
	return pclntab_entry(tab, tab->count) >= last;
}

struct text_start {
	uint64_t slot; /* address of the header's field */
	uint64_t text;
};

static void see_reloc(void *context, const struct elf_reloc *reloc)
{
	struct text_start *start = context;

	if (reloc->kind == RELOC_RELATIVE && reloc->offset == start->slot)
		start->text = (uint64_t)reloc->addend;
}

/* In a position-independent program the loader fills the header's field. */
static uint64_t relocated_text(const struct elf_view *view, uint64_t header)
{
	struct text_start start = { .slot = header + 24 };

	elf_reloc_each(view, see_reloc, &start);
	return start.text;
}

static bool accept(struct pclntab *out, const struct elf_view *view,
		   struct slice bytes, uint64_t address)
{
	if (!read_header(out, bytes))
		return false;
	if (!out->text && out->width == 4)
		out->text = relocated_text(view, address);
	/* Its records and tables lie behind the header. */
	out->range = (struct elf_range){ address, address + bytes.len };
	return is_plausible(out, view);
}

bool pclntab_find(struct pclntab *out, const struct elf_view *view)
{
	for (unsigned i = 0; i < view->load_count; i++) {
		const struct elf_load *load = &view->loads[i];

		/* It is aligned in memory; its segment need not be. */
		for (uint64_t at = -load->vaddr % ALIGNMENT;
		     at + 8 <= load->bytes.len; at += ALIGNMENT) {
			struct slice bytes = bytes_from(load->bytes, at);

			if (is_header(view, bytes) &&
			    accept(out, view, bytes, load->vaddr + at))
				return true;
		}
	}
	return false;
}
