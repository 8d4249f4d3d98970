#include "arch/call_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/argument.h"
#include "base/buf.h"

static bool is_among(struct slice name, const char *const *names)
{
	for (; *names; names++)
		if (slice_eq(name, *names))
			return true;
	return false;
}

enum {
	/* As data/calls.h has them. */
	LETTER_ERRORS = '@',
	ERRNO_NAMED = 160, /* above the last error that has a name */
};

/*
 * What a refused call is mostly about: paths, families and flags, and what
 * filters test for. Each family more is some hundred bytes of every image.
 */
static bool is_spelt(enum constant_family family)
{
	switch (family) {
	case FAMILY_AF:
	case FAMILY_AT:
	case FAMILY_CLONE:
	case FAMILY_IOCTL:
	case FAMILY_MAP:
	case FAMILY_MS:
	case FAMILY_O:
	case FAMILY_PR:
	case FAMILY_PROT:
	case FAMILY_PTRACE:
	case FAMILY_SIG:
	case FAMILY_SOCK:
		return true;
	default:
		return false;
	}
}

/* By what the kernel's manual pages call them, which is what the table has. */
static char letter_of(const struct argument *argument)
{
	static const char *const strings[] = {
		"pathname",    "path",	  "filename", "oldpath",
		"newpath",     "target",  "linkpath", "source",
		"specialfile", "put_old", "new_root", NULL,
	};
	static const char *const sets[] = {
		"flags", "mode",  "prot",    "cmd",	      "request", "mask",
		"op",	 "magic", "atflags", "event_f_flags", NULL,
	};

	if (is_among(argument->name, strings))
		return 's';
	if (argument->family == FAMILY_S)
		return 'o';
	if (is_spelt(argument->family))
		return (char)(LETTER_ERRORS + argument->family);
	return argument->is_int && !is_among(argument->name, sets) ? 'd' : 'x';
}

static void print_call(struct buf *out, const struct arch *arch,
		       struct slice name)
{
	struct argument arguments[ARGUMENTS];
	size_t count = argument_list(arguments, arch, name);

	buf_add(out, name.at, name.len);
	buf_text(out, " ");
	for (size_t i = 0; i < count; i++) {
		char letter = letter_of(&arguments[i]);

		buf_add(out, &letter, 1);
	}
}

struct value {
	const char *name;
	uint64_t value;
	size_t i; /* of two names for one value the first counts */
};

/* From the greatest: what holds all bits of another comes before it. */
static int by_value(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return x->i < y->i ? -1 : 1;
}

/* Bits that are set beside the one value of a family that is no set of bits. */
static bool is_beside(enum constant_family family, uint64_t value)
{
	return family == FAMILY_SOCK && value >= 0x80;
}

static void print_family(struct buf *out, const struct arch *arch,
			 enum constant_family family)
{
	enum { VALUES_MAX = 256 };
	struct value values[VALUES_MAX];
	enum constant_family of;
	size_t count = 0;

	for (size_t i = 0; (of = constant_at(&values[count].name,
					     &values[count].value, arch, i));
	     i++) {
		values[count].i = i;
		count += of == family && count < VALUES_MAX - 1;
	}
	qsort(values, count, sizeof(*values), by_value);
	for (size_t i = 0; i < count; i++) {
		bool is_bits = constant_is_flags(family) ||
			       is_beside(family, values[i].value);

		buf_fmt(out, "%c%c%u %s\n", LETTER_ERRORS + family,
			is_bits ? '|' : ' ', (uint32_t)values[i].value,
			values[i].name);
	}
	/* No bits that a condition could test, and so not in the table. */
	if (family == FAMILY_O)
		buf_fmt(out, "%c|0 O_RDONLY\n", LETTER_ERRORS + family);
	if (family == FAMILY_PROT)
		buf_fmt(out, "%c|0 PROT_NONE\n", LETTER_ERRORS + family);
}

static void print_errors(struct buf *out)
{
	for (int i = 1; i < ERRNO_NAMED; i++)
		if (strerrorname_np(i))
			buf_fmt(out, "%c %d %s\n", LETTER_ERRORS, i,
				strerrorname_np(i));
}

void call_list_print(struct buf *out, const struct arch *arch)
{
	for (uint32_t nr = 0; nr <= arch_syscall_max(arch); nr++) {
		const char *name = arch_syscall_name(arch, nr);

		if (name)
			print_call(out, arch, slice_from(name));
		buf_text(out, "\n");
	}
	print_errors(out);
	for (int i = FAMILY_NONE + 1; i < FAMILIES; i++)
		if (is_spelt((enum constant_family)i))
			print_family(out, arch, (enum constant_family)i);
}
