#ifndef DATA_TAR_H
#define DATA_TAR_H

/*
 * tar: headers of the POSIX archive format, written and read as pure bytes.
 * Equal entries give equal bytes. See pax(1) of POSIX.1-2017, "ustar" and
 * "pax Header Block", and the OCI image-spec's layer.md.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/slice.h"

struct err;

enum {
	TAR_BLOCK = 512,
	TAR_XATTRS_MAX = 32,
	TAR_EXTENSION_MAX = 1024 * 1024, /* bytes of a PAX or GNU extension */
	TAR_PATH_MAX = 4095,
};

enum tar_type {
	TAR_FILE = '0',
	TAR_HARDLINK = '1',
	TAR_SYMLINK = '2',
	TAR_CHARDEV = '3',
	TAR_BLOCKDEV = '4',
	TAR_DIR = '5',
	TAR_FIFO = '6',
};

struct tar_xattr {
	struct slice name; /* without "SCHILY.xattr." */
	struct slice value;
};

struct tar_entry {
	char type;	  /* enum tar_type; others are read, not written */
	const char *path; /* as stored: no leading slash, one behind a DIR */
	const char *link; /* "" where there is none */
	uint32_t mode;	  /* permission bits and setuid, setgid, sticky */
	uint64_t uid;
	uint64_t gid;
	uint64_t size; /* bytes of data that follow the header */
	uint64_t mtime;
	size_t xattr_count; /* to write them: sorted by name */
	struct tar_xattr xattrs[TAR_XATTRS_MAX];
};

/*
 * Append the header of entry: one block, or three and more where a PAX header
 * has to carry what ustar cannot. Fails for a path or link that is empty or
 * too long. The data, and tar_padding() zero bytes, are the caller's.
 */
int tar_header(struct buf *out, const struct tar_entry *entry, struct err *err);

/* How many zero bytes follow size bytes of data. */
static inline size_t tar_padding(uint64_t size)
{
	return (size_t)(-size & (TAR_BLOCK - 1));
}

/* Where a tar_reader's bytes come from. */
struct tar_source {
	/* Store len bytes, fewer only at the end. Returns the count or -1. */
	ssize_t (*read)(void *from, void *buf, size_t len, struct err *err);
	/* Step over len bytes that must be there; NULL: they are read. */
	int (*skip)(void *from, uint64_t len, struct err *err);
	void *from;
};

/* An archive being read. The bytes are untrusted; memory is bounded. */
struct tar_reader {
	struct tar_source source;
	uint64_t offset; /* bytes taken from the source so far */
	uint64_t left;	 /* of the current entry's data */
	uint64_t padding;
	bool is_marked; /* the end came as a zero block, not as the last byte */
	struct buf extension; /* PAX records; xattrs point into it */
	struct buf path;
	struct buf link;
};

/* Start reading; the caller owes tar_close(). */
void tar_open(struct tar_reader *reader, struct tar_source source);
void tar_close(struct tar_reader *reader);

/*
 * Read the next header, stepping over what is left of the previous entry.
 * The entry's texts hold until the next call. Returns 1, 0 at the end
 * (marked by zero blocks, or the end of the bytes), or -1.
 */
int tar_next(struct tar_entry *entry, struct tar_reader *reader,
	     struct err *err);

/*
 * After tar_next() returned 0: read the bytes that follow. *fault says what is
 * wrong with the end (static text), or is NULL: two zero blocks stand there
 * and nothing but zeros behind them (pax(1): "two 512-octet logical records
 * filled with binary zeros"). Returns 0, or -1 where reading failed.
 */
int tar_finish(const char **fault, struct tar_reader *reader, struct err *err);

/* Read data of the current entry. Returns the count, 0 at its end, or -1. */
ssize_t tar_data(void *buf, size_t cap, struct tar_reader *reader,
		 struct err *err);

#endif
