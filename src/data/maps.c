#include "data/maps.h"

/* Lower-case hexadecimal, as the kernel prints it; all of text. */
static bool read_hex(uint64_t *out, struct slice text)
{
	uint64_t value = 0;

	if (!text.len || text.len > 16)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = value;
	return true;
}

/* FIRST-END PERMISSIONS OFFSET DEVICE INODE [PATH], and PATH may hold blanks. */
static bool read_line(struct maps_place *out, struct slice line,
		      uint64_t address)
{
	struct slice range, first, permissions, offset, device, inode;
	uint64_t start, end, from;

	if (!slice_word(&range, &line) || !slice_word(&permissions, &line) ||
	    !slice_word(&offset, &line) || !slice_word(&device, &line) ||
	    !slice_word(&inode, &line))
		return false;
	if (!slice_cut(&first, &range, '-') || !read_hex(&start, first) ||
	    !read_hex(&end, range) || !read_hex(&from, offset))
		return false;
	if (address < start || address >= end)
		return false;
	out->path = slice_trim(line);
	out->offset = address - start + from;
	return true;
}

bool maps_find(struct maps_place *out, struct slice text, uint64_t address)
{
	struct slice line;

	while (slice_cut(&line, &text, '\n'))
		if (read_line(out, line, address))
			return true;
	return false;
}
