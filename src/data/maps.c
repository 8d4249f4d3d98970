#include "data/maps.h"

#include "base/num.h"

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
	if (!slice_cut(&first, &range, '-') || !num_hex(&start, first) ||
	    !num_hex(&end, range) || !num_hex(&from, offset))
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
