#include "arch/argument.h"

#include <string.h>

#include "arch/arch.h"

/*
 * One row a call: words for its arguments. A name alone is an int, of which
 * the kernel takes 32 bits; * marks what fills a register (long, size_t,
 * pointers), % 16 bits (umode_t, old_uid_t) and + 64 bits, which on 32-bit
 * machines take two registers, so that the names end there. =FAMILY says which
 * constants are its values. Where the kernel takes a long and drops the upper
 * half, as for the flags of clone, the row says int.
 *
 * Source: the SYSCALL_DEFINEs of the kernel, names as in its manual pages.
 */
static const struct row {
	const struct arch *only; /* NULL: the other machines */
	const char *call;
	const char *arguments;
} rows[] = {
#include "arch/argument.inc"
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Negative, zero or positive, as the call comes before, is or comes after name. */
static int compare(struct slice call, const char *name)
{
	int order = strncmp(call.at, name, call.len);

	return order ? order : -(name[call.len] != '\0');
}

/* The rows are in the order of strcmp(3): every call of a machine is looked up. */
static const struct row *find_row(const struct arch *arch, struct slice call)
{
	size_t low = 0;
	size_t high = ROWS;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(call, rows[middle].call) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < ROWS && compare(call, rows[low].call) == 0; low++)
		if (!rows[low].only || rows[low].only == arch)
			return &rows[low];
	return NULL;
}

static uint8_t register_bits(const struct arch *arch)
{
	return arch->elf_class == 2 ? 64 : 32;
}

static uint8_t bits_of(const struct arch *arch, char mark)
{
	switch (mark) {
	case '%':
		return 16;
	case '*':
	case '+':
		return register_bits(arch);
	default:
		return 32;
	}
}

/* From one word of a row; its name is empty where names end. */
static struct argument read_word(const struct arch *arch, struct slice word)
{
	struct argument argument = { .bits = register_bits(arch) };
	struct slice name;

	slice_cut(&name, &word, '=');
	char mark = name.at[name.len - 1];

	if (mark == '+' && arch->elf_class == 1)
		return argument;
	argument.bits = bits_of(arch, mark);
	if (mark == '*' || mark == '+' || mark == '%')
		name.len--;
	else
		argument.is_int = true;
	argument.name = name;
	argument.family = constant_family_find(word);
	return argument;
}

size_t argument_list(struct argument out[ARGUMENTS], const struct arch *arch,
		     struct slice call)
{
	const struct row *row = find_row(arch, call);
	struct slice rest = slice_from(row ? row->arguments : "");
	struct slice word;
	size_t count = 0;

	while (count < ARGUMENTS && slice_word(&word, &rest)) {
		out[count] = read_word(arch, word);
		if (!out[count].name.len)
			break;
		count++;
	}
	return count;
}

struct argument argument_at(const struct arch *arch, struct slice call,
			    unsigned int index)
{
	struct argument all[ARGUMENTS];

	if (index < argument_list(all, arch, call))
		return all[index];
	return (struct argument){ .bits = register_bits(arch) };
}

/* "arg0" to "arg5", or -1. */
static int numbered(struct slice name)
{
	if (name.len != 4 || !slice_has_prefix(name, "arg"))
		return -1;
	int index = name.at[3] - '0';

	return index >= 0 && index < ARGUMENTS ? index : -1;
}

int argument_find(const struct arch *arch, struct slice call, struct slice name)
{
	struct argument all[ARGUMENTS];
	size_t count = argument_list(all, arch, call);

	for (size_t i = 0; i < count; i++)
		if (all[i].name.len == name.len &&
		    memcmp(all[i].name.at, name.at, name.len) == 0)
			return (int)i;
	return numbered(name);
}
