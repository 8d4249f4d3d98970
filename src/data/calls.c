#include "data/calls.h"

#include "base/fmt.h"
#include "base/num.h"

bool calls_row(struct slice *name, struct slice *letters, struct slice text,
	       uint32_t nr)
{
	struct slice line;

	do
		if (!slice_cut(&line, &text, '\n'))
			return false;
	while (nr--);
	*letters = line;
	/* No call's name begins with a letter that a family has. */
	return slice_cut(name, letters, ' ') && name->len && name->at[0] >= '_';
}

/* Take a constant's line apart; false where it is another family's. */
static bool read_constant(uint32_t *value, bool *is_bits, struct slice *name,
			  struct slice line, char family)
{
	struct slice number;

	if (line.len < 2 || line.at[0] != family)
		return false;
	*is_bits = line.at[1] == '|';
	*name = (struct slice){ line.at + 2, line.len - 2 };
	return slice_cut(&number, name, ' ') && num_u32(value, number);
}

size_t calls_value(char *out, size_t cap, struct slice text, char family,
		   uint32_t value)
{
	struct slice line, name;
	uint32_t bits;
	bool is_bits;
	size_t n = 0;

	while (slice_cut(&line, &text, '\n')) {
		if (!read_constant(&bits, &is_bits, &name, line, family) ||
		    (is_bits && bits ? bits & ~value : bits != value))
			continue;
		n += fmt(out + n, cap - n, "%s%.*s", n ? "|" : "",
			 SLICE_ARGS(name));
		value -= bits;
		if (!value)
			return n;
	}
	/* What is left has no name. */
	if (family == CALLS_ERRORS)
		return fmt(out, cap, "E%u", value);
	return n + fmt(out + n, cap - n, "%s0x%x", n ? "|" : "", value);
}
