#ifndef DATA_PCLNTAB_H
#define DATA_PCLNTAB_H

/*
 * pclntab: the functions of a Go program, with names, which Go needs at run
 * time and stripping leaves in place. Formats of Go 1.16, 1.18 and 1.20 on
 * (src/internal/abi/symtab.go, src/debug/gosym/pclntab.go).
 */
#include "data/elf_view.h"

struct pclntab {
	struct slice bytes; /* from the header to the segment's end */
	struct elf_range range;
	uint64_t count;
	uint64_t text; /* what the function table counts from */
	uint64_t names, table;
	unsigned width; /* bytes of a number in the function table */
};

/* Find it. False for a program that Go did not make, or of another format. */
bool pclntab_find(struct pclntab *out, const struct elf_view *view);

/* Where function i begins; function count is where the last one ends. */
uint64_t pclntab_entry(const struct pclntab *tab, uint64_t i);
struct slice pclntab_name(const struct pclntab *tab, uint64_t i);

#endif
