#ifndef DATA_ELF_SYMBOL_H
#define DATA_ELF_SYMBOL_H

/*
 * elf_symbol: the names, versions and relocations of an ELF file. See the
 * System V gABI and the LSB's chapter on symbol versioning.
 */
#include "data/elf_view.h"

struct elf_symbol {
	struct slice name;
	uint64_t value, size;
	uint8_t type, bind; /* STT_*, STB_* */
	bool is_defined;
};

/* Symbol number i of the loader's table, or of the debugger's. */
bool elf_symbol_dynamic(struct elf_symbol *out, const struct elf_view *view,
			uint64_t i);
bool elf_symbol_static(struct elf_symbol *out, const struct elf_view *view,
		       uint64_t i);

/* The number of the version of symbol i of the loader's table; 0, 1: none. */
uint16_t elf_symbol_version(const struct elf_view *view, uint64_t i);

/* Not what a reference without a version means. */
bool elf_symbol_is_hidden(const struct elf_view *view, uint64_t i);

/* Call visit for each version that the file defines or needs. */
void elf_version_each(const struct elf_view *view,
		      void (*visit)(void *context, uint16_t number,
				    struct slice name),
		      void *context);

/* What a relocation puts into its word, whatever the machine calls it. */
enum elf_reloc_kind {
	RELOC_OTHER, /* no address of code: copies, thread-local offsets */
	RELOC_SYMBOL,
	RELOC_GOT, /* a symbol's, in the global offset table */
	RELOC_PLT, /* the same, for calls alone */
	RELOC_RELATIVE,
	RELOC_RESOLVER, /* what the function at addend returns: IRELATIVE */
};

struct elf_reloc {
	uint64_t offset; /* the address that it fills */
	enum elf_reloc_kind kind;
	uint32_t symbol;
	int64_t addend; /* packed ones (RELR): what is stored there */
};

/*
 * Call visit for each relocation, packed ones as RELOC_RELATIVE. Work is linear
 * in the tables' size.
 */
void elf_reloc_each(const struct elf_view *view,
		    void (*visit)(void *context, const struct elf_reloc *reloc),
		    void *context);

#endif
