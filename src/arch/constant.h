#ifndef ARCH_CONSTANT_H
#define ARCH_CONSTANT_H

/*
 * constant: names for the values of arguments, from the kernel's uapi headers,
 * in families: what one argument takes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct arch;

enum constant_family {
	FAMILY_NONE,
	FAMILY_AF,
	FAMILY_ARCH,
	FAMILY_AT,
	FAMILY_BPF,
	FAMILY_CLOCK,
	FAMILY_CLONE,
	FAMILY_F,
	FAMILY_FUTEX,
	FAMILY_IOCTL,
	FAMILY_KEYCTL,
	FAMILY_MADV,
	FAMILY_MAP,
	FAMILY_MFD,
	FAMILY_MS,
	FAMILY_O,
	FAMILY_PER,
	FAMILY_PR,
	FAMILY_PROT,
	FAMILY_PTRACE,
	FAMILY_RLIMIT,
	FAMILY_S,
	FAMILY_SCHED,
	FAMILY_SECCOMP,
	FAMILY_SHM,
	FAMILY_SIG,
	FAMILY_SOCK,
	FAMILY_SOL,
	FAMILIES,
};

/* By its name, "AF"; FAMILY_NONE for any other. */
enum constant_family constant_family_find(struct slice name);

/* Values of the family are bits that are ORed. */
bool constant_is_flags(enum constant_family family);

/*
 * The value of a constant. FAMILY_NONE finds those of every family. Returns
 * false when there is none of that name (in that family).
 */
bool constant_find(uint64_t *value, const struct arch *arch,
		   enum constant_family family, struct slice name);

/* The constant's name, or NULL; none in FAMILY_NONE. */
const char *constant_name(const struct arch *arch, enum constant_family family,
			  uint64_t value);

/*
 * The i-th constant of all, for those who list them: its family, or FAMILY_NONE
 * past the last.
 */
enum constant_family constant_at(const char **name, uint64_t *value,
				 const struct arch *arch, size_t i);

/* The constant nearest to a word that is none, or NULL. */
const char *constant_nearest(enum constant_family family, struct slice word);

#endif
