#include "data/elf_view.h"

#include <elf.h>

#include "base/err.h"
#include "data/bytes.h"

/* Offsets of the fields read here: no untrusted byte is reached by a cast. */
enum {
	HEADER_SIZE = 64,
	HEADER_PHOFF = 32,
	HEADER_SHOFF = 40,
	HEADER_PHNUM = 56,
	HEADER_SHNUM = 60,
	HEADER_SHSTRNDX = 62,
	SEGMENT_SIZE = 56,
	SECTION_SIZE = 64,
	SYMBOL_SIZE = 24,
	SYMBOLS_MAX = 1 << 22,
	DYNAMIC_MAX = 64 << 10, /* real ones have some sixty records */
};

static int read_header(struct elf_view *out, struct err *err)
{
	struct slice file = out->file;

	if (file.len < HEADER_SIZE || memcmp(file.at, ELFMAG, SELFMAG) != 0)
		return err_set(err, 0, "not an ELF file");
	out->machine = (uint16_t)bytes_number(file, 18, 2);
	if (file.at[EI_CLASS] != ELFCLASS64 ||
	    file.at[EI_DATA] != ELFDATA2LSB ||
	    (out->machine != EM_X86_64 && out->machine != EM_AARCH64))
		return err_set(err, 0,
			       "for neither x86_64 nor aarch64, whose code "
			       "alone is read: trace it on its own machine");
	out->type = (uint16_t)bytes_number(file, 16, 2);
	out->entry = bytes_number(file, 24, 8);
	if (out->type != ET_EXEC && out->type != ET_DYN)
		return err_set(err, 0, "neither a program nor a library");
	return 0;
}

struct segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, file_size, mem_size;
};

static int add_load(struct elf_view *out, const struct segment *s,
		    struct err *err)
{
	uint64_t end = 0;

	if (!s->mem_size)
		return 0;
	if (!bytes_hold(out->file, s->offset, s->file_size) ||
	    s->file_size > s->mem_size || s->vaddr + s->mem_size < s->vaddr)
		return err_set(err, 0, "truncated ELF file (a segment)");
	if (out->load_count == ELF_VIEW_LOADS)
		return err_set(err, 0, "more than %d segments", ELF_VIEW_LOADS);
	if (out->load_count)
		end = out->loads[out->load_count - 1].vaddr +
		      out->loads[out->load_count - 1].mem_size;
	if (s->vaddr < end)
		return err_set(err, 0, "segments that overlap");
	out->loads[out->load_count++] = (struct elf_load){
		.vaddr = s->vaddr,
		.mem_size = s->mem_size,
		.bytes = { out->file.at + s->offset, s->file_size },
		.flags = s->flags,
	};
	return 0;
}

static int read_segment(struct elf_view *out, const struct segment *s,
			struct err *err)
{
	switch (s->type) {
	case PT_LOAD:
		return add_load(out, s, err);
	case PT_DYNAMIC:
		out->dynamic = bytes_first(bytes_from(out->file, s->offset),
					   s->file_size);
		out->dynamic = bytes_first(out->dynamic, DYNAMIC_MAX);
		return 0;
	case PT_GNU_EH_FRAME:
		out->unwind_header = s->vaddr;
		return 0;
	case PT_GNU_RELRO:
		out->relro = (struct elf_range){ s->vaddr,
						 s->vaddr + s->mem_size };
		return 0;
	default:
		return 0;
	}
}

static int read_segments(struct elf_view *out, struct err *err)
{
	uint64_t count = bytes_number(out->file, HEADER_PHNUM, 2);
	struct slice table = bytes_from(
		out->file, bytes_number(out->file, HEADER_PHOFF, 8));

	if (table.len / SEGMENT_SIZE < count)
		return err_set(err, 0, "truncated ELF file (segment table)");
	for (uint64_t at = 0; at < count * SEGMENT_SIZE; at += SEGMENT_SIZE) {
		struct segment s = {
			.type = (uint32_t)bytes_number(table, at, 4),
			.flags = (uint32_t)bytes_number(table, at + 4, 4),
			.offset = bytes_number(table, at + 8, 8),
			.vaddr = bytes_number(table, at + 16, 8),
			.file_size = bytes_number(table, at + 32, 8),
			.mem_size = bytes_number(table, at + 40, 8),
		};

		if (read_segment(out, &s, err) < 0)
			return -1;
	}
	return 0;
}

static struct slice section_bytes(const struct elf_view *view,
				  struct slice table, uint64_t index)
{
	struct slice row = bytes_from(table, index * SECTION_SIZE);

	if (index > table.len / SECTION_SIZE)
		return (struct slice){ "", 0 };
	return bytes_first(bytes_from(view->file, bytes_number(row, 24, 8)),
			   bytes_number(row, 32, 8));
}

static void add_code(struct elf_view *out, struct slice row)
{
	uint64_t flags = bytes_number(row, 8, 8);
	uint64_t begin = bytes_number(row, 16, 8);
	uint64_t size = bytes_number(row, 32, 8);

	if (flags & SHF_ALLOC && flags & SHF_EXECINSTR &&
	    begin + size > begin && out->code_count < ELF_VIEW_CODES)
		out->codes[out->code_count++] =
			(struct elf_range){ begin, begin + size };
}

/*
 * Two tables that only sections name: a static program may have unwind data
 * and no header that leads there, and the words of .got are code's own.
 */
static void see_tables(struct elf_view *out, struct slice names,
		       struct slice row)
{
	struct slice name = bytes_text(names, bytes_number(row, 0, 4));
	uint64_t begin = bytes_number(row, 16, 8);
	struct elf_range range = { begin, begin + bytes_number(row, 32, 8) };

	if (slice_eq(name, ".eh_frame"))
		out->unwind = range;
	else if (slice_eq(name, ".got"))
		out->got = range;
}

/* Sections serve people; a file without them or with nonsense is as good. */
static void read_sections(struct elf_view *out)
{
	uint64_t count = bytes_number(out->file, HEADER_SHNUM, 2);
	uint64_t offset = bytes_number(out->file, HEADER_SHOFF, 8);
	struct slice table = bytes_from(out->file, offset);

	if (!offset)
		return;
	struct slice names = section_bytes(
		out, table, bytes_number(out->file, HEADER_SHSTRNDX, 2));

	for (uint64_t i = 0; i < count; i++) {
		uint64_t at = i * SECTION_SIZE;

		add_code(out, bytes_from(table, at));
		see_tables(out, names, bytes_from(table, at));
		if (bytes_number(table, at + 4, 4) != SHT_SYMTAB)
			continue;
		out->symtab = section_bytes(out, table, i);
		out->strtab = section_bytes(out, table,
					    bytes_number(table, at + 40, 4));
	}
}

const struct elf_load *elf_view_load(const struct elf_view *view,
				     uint64_t address)
{
	for (unsigned i = 0; i < view->load_count; i++) {
		const struct elf_load *load = &view->loads[i];

		if (address >= load->vaddr &&
		    address - load->vaddr < load->mem_size)
			return load;
	}
	return NULL;
}

struct slice elf_view_at(const struct elf_view *view, uint64_t address)
{
	const struct elf_load *load = elf_view_load(view, address);

	if (!load)
		return (struct slice){ "", 0 };
	return bytes_from(load->bytes, address - load->vaddr);
}

bool elf_view_dynamic(uint64_t *out, const struct elf_view *view, uint64_t tag)
{
	for (uint64_t at = 0; bytes_hold(view->dynamic, at, 16); at += 16) {
		uint64_t got = bytes_number(view->dynamic, at, 8);

		if (got == tag)
			return bytes_get(out, view->dynamic, at + 8, 8);
		if (got == DT_NULL)
			break;
	}
	return false;
}

struct slice elf_view_table(const struct elf_view *view, uint64_t address_tag,
			    uint64_t size_tag)
{
	uint64_t address, size;

	if (!elf_view_dynamic(&address, view, address_tag) ||
	    !elf_view_dynamic(&size, view, size_tag))
		return (struct slice){ "", 0 };
	return bytes_first(elf_view_at(view, address), size);
}

/* GNU's hash table: the end of the chain that begins at the highest symbol. */
static uint64_t count_by_gnu_hash(struct slice table)
{
	uint64_t buckets = bytes_number(table, 0, 4);
	uint64_t first = bytes_number(table, 4, 4);
	uint64_t at = 16 + 8 * bytes_number(table, 8, 4);
	uint64_t chains = at + 4 * buckets;
	uint64_t last = 0;

	for (; buckets && bytes_hold(table, at, 4); buckets--, at += 4) {
		uint64_t symbol = bytes_number(table, at, 4);

		last = symbol > last ? symbol : last;
	}
	if (last < first || buckets)
		return first;
	for (;; last++) {
		uint64_t link;

		if (!bytes_get(&link, table, chains + 4 * (last - first), 4) ||
		    link & 1)
			return last + 1;
	}
}

static void read_dynsym(struct elf_view *out)
{
	uint64_t address;

	out->dynstr = elf_view_table(out, DT_STRTAB, DT_STRSZ);
	if (elf_view_dynamic(&address, out, DT_STRTAB))
		out->dynstr_range = (struct elf_range){
			address, address + out->dynstr.len
		};
	if (elf_view_dynamic(&address, out, DT_SYMTAB))
		out->dynsym = elf_view_at(out, address);
	if (elf_view_dynamic(&address, out, DT_VERSYM))
		out->versym = elf_view_at(out, address);
	if (elf_view_dynamic(&address, out, DT_HASH))
		out->dynsym_count = bytes_number(elf_view_at(out, address), 4,
						 4);
	else if (elf_view_dynamic(&address, out, DT_GNU_HASH))
		out->dynsym_count = count_by_gnu_hash(
			elf_view_at(out, address));
	if (out->dynsym_count > SYMBOLS_MAX ||
	    out->dynsym_count > out->dynsym.len / SYMBOL_SIZE)
		out->dynsym_count = out->dynsym.len / SYMBOL_SIZE;
	if (elf_view_dynamic(&address, out, DT_SYMTAB))
		out->dynsym_range = (struct elf_range){
			address, address + out->dynsym_count * SYMBOL_SIZE
		};
}

int elf_view_open(struct elf_view *out, struct slice file, struct err *err)
{
	*out = (struct elf_view){ .file = file };
	out->dynamic = out->symtab = out->strtab = out->dynsym = out->dynstr =
		out->versym = (struct slice){ "", 0 };
	if (read_header(out, err) < 0 || read_segments(out, err) < 0)
		return -1;
	read_sections(out);
	read_dynsym(out);
	return 0;
}
