#ifndef DATA_ELF_SECTION_H
#define DATA_ELF_SECTION_H

/*
 * elf_section: the contents of an ELF file's section by name. Little-endian,
 * 32 and 64 bits; untrusted bytes. elf(5).
 */
#include <stdbool.h>

#include "base/slice.h"

/* False where the file has no such section, or says that it lies outside. */
bool elf_section_find(struct slice *out, struct slice file, const char *name);

#endif
