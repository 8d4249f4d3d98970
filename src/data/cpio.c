#include "data/cpio.h"

#include <string.h>

#include "base/err.h"

enum { PATH_LEN_MAX = 4095, FIELDS = 13, DIGITS = 8 };

static const char magic[] = "070701";
static const char zeros[4];

/* Eight hexadecimal digits, in capitals as GNU cpio writes them. */
static void put_hex(struct buf *out, uint32_t value)
{
	char field[DIGITS];

	for (int i = DIGITS; i-- > 0; value >>= 4)
		field[i] = "0123456789ABCDEF"[value & 15];
	buf_add(out, field, sizeof(field));
}

/* Name and header end at a multiple of four, the name's zero byte included. */
static void put(struct buf *out, const struct cpio_entry *entry)
{
	size_t len = strlen(entry->path) + 1;
	const uint32_t fields[FIELDS] = {
		entry->ino,
		entry->mode,
		entry->uid,
		entry->gid,
		entry->links,
		0 /* the time */,
		(uint32_t)entry->size,
		0 /* the device it is on */,
		0,
		entry->major,
		entry->minor,
		(uint32_t)len,
		0 /* no checksum */,
	};

	buf_add(out, magic, sizeof(magic) - 1);
	for (size_t i = 0; i < FIELDS; i++)
		put_hex(out, fields[i]);
	buf_add(out, entry->path, len);
	buf_add(out, zeros,
		cpio_padding(sizeof(magic) - 1 + FIELDS * DIGITS + len));
}

int cpio_header(struct buf *out, const struct cpio_entry *entry,
		struct err *err)
{
	size_t len = strlen(entry->path);

	if (!len || len > PATH_LEN_MAX)
		return err_set(err, 0,
			       "a path of %zu bytes, allowed are 1 to %d", len,
			       PATH_LEN_MAX);
	if (entry->size > UINT32_MAX)
		return err_set(err, 0,
			       "%s: %llu bytes; a cpio archive holds files "
			       "below 4 GiB",
			       entry->path, (unsigned long long)entry->size);
	put(out, entry);
	return 0;
}

void cpio_end(struct buf *out)
{
	put(out, &(struct cpio_entry){ .path = "TRAILER!!!", .links = 1 });
}
