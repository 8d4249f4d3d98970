#include "data/elf_section.h"

#include <elf.h>
#include <stddef.h>

#include "data/bytes.h"
#include "data/elf.h"

/* Where a table of section headers keeps what, for one width. */
struct shape {
	unsigned width; /* bytes of an address, an offset or a size */
	size_t table, entry_size, count, names;
	size_t offset, size; /* of a section header */
};

static const struct shape shapes[] = {
	{ 4, offsetof(Elf32_Ehdr, e_shoff), offsetof(Elf32_Ehdr, e_shentsize),
	  offsetof(Elf32_Ehdr, e_shnum), offsetof(Elf32_Ehdr, e_shstrndx),
	  offsetof(Elf32_Shdr, sh_offset), offsetof(Elf32_Shdr, sh_size) },
	{ 8, offsetof(Elf64_Ehdr, e_shoff), offsetof(Elf64_Ehdr, e_shentsize),
	  offsetof(Elf64_Ehdr, e_shnum), offsetof(Elf64_Ehdr, e_shstrndx),
	  offsetof(Elf64_Shdr, sh_offset), offsetof(Elf64_Shdr, sh_size) },
};

/* The section's bytes; those of SHT_NOBITS take no room in the file. */
static bool contents(struct slice *out, struct slice file,
		     const struct shape *shape, uint64_t header)
{
	uint64_t offset, size;

	if (!bytes_get(&offset, file, header + shape->offset, shape->width) ||
	    !bytes_get(&size, file, header + shape->size, shape->width) ||
	    bytes_number(file, header + offsetof(Elf64_Shdr, sh_type), 4) ==
		    SHT_NOBITS ||
	    !bytes_hold(file, offset, size))
		return false;
	*out = (struct slice){ file.at + offset, (size_t)size };
	return true;
}

bool elf_section_find(struct slice *out, struct slice file, const char *name)
{
	const struct shape *shape;
	struct slice names;
	uint64_t table;

	if (!elf_is_magic(file) || file.len <= EI_CLASS)
		return false;
	shape = &shapes[file.at[EI_CLASS] == ELFCLASS64];
	table = bytes_number(file, shape->table, shape->width);
	uint64_t step = bytes_number(file, shape->entry_size, 2);
	uint64_t count = bytes_number(file, shape->count, 2);
	uint64_t strings = bytes_number(file, shape->names, 2);

	if (!table || !bytes_hold(file, table, step * count) ||
	    strings >= count ||
	    !contents(&names, file, shape, table + strings * step))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t header = table + i * step;
		uint64_t at = bytes_number(file, header, 4);

		if (slice_eq(bytes_text(names, at), name))
			return contents(out, file, shape, header);
	}
	return false;
}
