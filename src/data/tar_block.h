#ifndef DATA_TAR_BLOCK_H
#define DATA_TAR_BLOCK_H

/*
 * tar_block: the 512 bytes of a ustar header, for tar*.c alone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tar_block {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[8]; /* "ustar\0" "00", or "ustar  \0" by old GNU tar */
	char uname[32];
	char gname[32];
	char major[8];
	char minor[8];
	char prefix[155];
	char unused[12];
};
_Static_assert(sizeof(struct tar_block) == 512, "one block");

/* The sum of all bytes, with the checksum field taken as blanks. */
static inline uint32_t tar_block_sum(const struct tar_block *block)
{
	const unsigned char *at = (const unsigned char *)block;
	uint32_t sum = sizeof(block->checksum) * ' ';

	for (size_t i = 0; i < sizeof(*block); i++)
		sum += at[i];
	for (size_t i = 0; i < sizeof(block->checksum); i++)
		sum -= (unsigned char)block->checksum[i];
	return sum;
}

/*
 * A field's number: blanks, octal digits, then blanks or zero bytes, all
 * blank being zero; or GNU's binary ones past that. False for others.
 */
bool tar_block_number(uint64_t *out, const char *field, size_t width);

#endif
