#ifndef DATA_CPIO_H
#define DATA_CPIO_H

/*
 * cpio: headers of the "newc" format, which the kernel unpacks as initramfs;
 * Documentation/driver-api/early-userspace/buffer-format.rst. Equal entries
 * give equal bytes.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

struct cpio_entry {
	const char *path; /* no slash at either end; "." is the root */
	uint32_t ino;	  /* equal for the names of one file */
	uint32_t mode;	  /* with its type, as stat(2) has it */
	uint32_t uid;
	uint32_t gid;
	uint32_t links; /* names of the file: 1, or 2 where there are more */
	uint64_t size;	/* bytes of data, or of a symbolic link's target */
	uint32_t major; /* of a device */
	uint32_t minor;
};

/*
 * Append the header with the name, padded. size bytes of data follow, and
 * cpio_padding() zero bytes. Fails for what the format cannot hold: 4 GiB and
 * more, an empty or over-long path.
 */
int cpio_header(struct buf *out, const struct cpio_entry *entry,
		struct err *err);

/* How many zero bytes follow size bytes of data. */
static inline size_t cpio_padding(uint64_t size)
{
	return (size_t)(-size & 3);
}

/* Append the entry that ends an archive. */
void cpio_end(struct buf *out);

#endif
