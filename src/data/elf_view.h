#ifndef DATA_ELF_VIEW_H
#define DATA_ELF_VIEW_H

/*
 * elf_view: what a 64-bit little-endian ELF file puts where in memory, and
 * where its tables are. For reading code; data/elf.h is for starting it.
 * Untrusted bytes: every table is empty rather than outside the file.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct err;

enum { ELF_VIEW_LOADS = 32, ELF_VIEW_CODES = 64 };

struct elf_load {
	uint64_t vaddr, mem_size;
	struct slice bytes; /* what the file gives of it */
	uint32_t flags;	    /* PF_* */
};

struct elf_range {
	uint64_t begin, end;
};

struct elf_view {
	struct slice file;
	uint16_t machine; /* EM_* */
	uint16_t type;	  /* ET_* */
	uint64_t entry;
	unsigned load_count; /* in ascending order of address */
	struct elf_load loads[ELF_VIEW_LOADS];
	/* Executable sections; none where the file does not say. */
	unsigned code_count;
	struct elf_range codes[ELF_VIEW_CODES];
	struct elf_range relro;
	uint64_t unwind_header;	     /* address of .eh_frame_hdr, or 0 */
	struct elf_range got;	     /* .got, by its section; or empty */
	struct elf_range unwind;     /* .eh_frame, by its section; or empty */
	struct slice dynamic;	     /* Elf64_Dyn records */
	struct slice symtab, strtab; /* of sections, for debuggers */
	struct slice dynsym, dynstr; /* what the loader uses; dynsym may
					 * reach beyond its last symbol */
	struct elf_range dynstr_range, dynsym_range;
	struct slice versym;   /* 16 bits for each of dynsym */
	uint64_t dynsym_count; /* symbols that a name can lead to */
};

/*
 * Fails for what is not ELF64, little-endian and for x86-64 or aarch64, and
 * for segments that overlap.
 */
int elf_view_open(struct elf_view *out, struct slice file, struct err *err);

/* The segment that holds the address, or NULL. */
const struct elf_load *elf_view_load(const struct elf_view *view,
				     uint64_t address);

/* The file's bytes from an address to the end of its segment. */
struct slice elf_view_at(const struct elf_view *view, uint64_t address);

/* The value of the first dynamic entry with that tag. */
bool elf_view_dynamic(uint64_t *out, const struct elf_view *view, uint64_t tag);

/* The table whose address and size in bytes two tags hold; else empty. */
struct slice elf_view_table(const struct elf_view *view, uint64_t address_tag,
			    uint64_t size_tag);

#endif
