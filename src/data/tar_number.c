/* The numbers of a header; tar_read.c reads the rest. */
#include "data/tar_block.h"

/* GNU's numbers past octal: the first bit set, the rest big-endian. */
static bool get_binary(uint64_t *out, const char *field, size_t width)
{
	uint64_t value = (unsigned char)field[0] & 0x7f;

	if (value & 0x40) /* negative */
		return false;
	for (size_t i = 1; i < width; i++) {
		if (value >> 56)
			return false;
		value = value << 8 | (unsigned char)field[i];
	}
	*out = value;
	return true;
}

bool tar_block_number(uint64_t *out, const char *field, size_t width)
{
	uint64_t value = 0;
	size_t i = 0;

	if (field[0] & 0x80)
		return get_binary(out, field, width);
	while (i < width && field[i] == ' ')
		i++;
	for (; i < width && field[i] >= '0' && field[i] <= '7'; i++)
		value = value << 3 | (uint64_t)(field[i] - '0');
	for (; i < width; i++)
		if (field[i] != ' ' && field[i] != '\0')
			return false;
	*out = value;
	return true;
}
