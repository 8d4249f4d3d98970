#ifndef DATA_ELF_H
#define DATA_ELF_H

/*
 * elf: what an ELF file says about how it is started. Little-endian, 32 and
 * 64 bits; the bytes are untrusted. See elf(5) and the System V gABI.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct err;

enum { ELF_NEEDED_MAX = 128 };

struct elf {
	uint16_t machine; /* EM_* */
	uint16_t type;	  /* ET_* */
	uint8_t bits;	  /* ELFCLASS32 (1) or ELFCLASS64 (2) */
	uint64_t entry;
	bool is_dynamic;	  /* has a dynamic section */
	struct slice interpreter; /* PT_INTERP; empty: none */
	struct slice soname;	  /* DT_SONAME */
	struct slice runpath;	  /* DT_RUNPATH */
	struct slice rpath;	  /* DT_RPATH; empty where there is a RUNPATH */
	bool no_default_dirs;	  /* DF_1_NODEFLIB */
	struct slice build_id;	  /* the bytes of NT_GNU_BUILD_ID */
	size_t needed_count;
	struct slice needed[ELF_NEEDED_MAX]; /* DT_NEEDED, in order */
};

/* True when bytes begin as an ELF file does. */
bool elf_is_magic(struct slice bytes);

/*
 * Describe the file whose whole contents are bytes; the slices of *out point
 * into it. Fails for what is no ELF file, big-endian, truncated or
 * inconsistent.
 */
int elf_parse(struct elf *out, struct slice bytes, struct err *err);

/*
 * True for a program that the kernel alone can start: no interpreter and no
 * library. Position-independent ones (static-pie) count.
 */
bool elf_is_static(const struct elf *elf);

#endif
