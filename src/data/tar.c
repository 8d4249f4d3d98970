/* Writing headers; tar_read.c reads them. */
#include "data/tar.h"

#include <string.h>

#include "base/err.h"
#include "data/tar_block.h"

enum {
	ID_MAX = 07777777, /* seven octal digits */
	NAME_MAX_LEN = sizeof(((struct tar_block *)0)->name),
	PREFIX_MAX_LEN = sizeof(((struct tar_block *)0)->prefix),
	LINK_MAX_LEN = sizeof(((struct tar_block *)0)->link),
};

static const uint64_t size_max = 077777777777; /* eleven octal digits */

/* A fixed name: one made from the entry's would say nothing new. */
static const char pax_name[] = "PaxHeaders/pith";

/* Zero-padded octal digits and a zero byte fill the field. */
static void put_octal(char *field, size_t width, uint64_t value)
{
	field[--width] = '\0';
	while (width) {
		field[--width] = (char)('0' + (value & 7));
		value >>= 3;
	}
}

/* As strncpy was meant: at most width bytes, no terminator when full. */
static void put_text(char *field, size_t width, const char *text, size_t len)
{
	memcpy(field, text, len < width ? len : width);
}

/*
 * Split path into ustar's prefix and name: the length of the prefix, 0 when
 * none is needed. Returns false when no slash stands where one can be cut.
 */
static bool split_path(size_t *prefix, const char *path, size_t len)
{
	*prefix = 0;
	if (len <= NAME_MAX_LEN)
		return true;
	/* The last byte of a directory is a slash, and no place to cut. */
	for (size_t i = len - NAME_MAX_LEN - 1; i + 1 < len; i++) {
		if (i > PREFIX_MAX_LEN)
			return false;
		if (i > 0 && path[i] == '/') {
			*prefix = i;
			return true;
		}
	}
	return false;
}

/* ustar's fields promise nothing for other bytes; PAX says UTF-8. */
static bool is_ascii(const char *text)
{
	while (*text && !(*text & 0x80))
		text++;
	return !*text;
}

static size_t decimal_digits(size_t n)
{
	size_t digits = 1;

	while (n >= 10) {
		n /= 10;
		digits++;
	}
	return digits;
}

/* "LENGTH KEY=VALUE\n", where the length counts its own digits too. */
static void add_bytes(struct buf *out, const char *key, struct slice value)
{
	size_t rest = strlen(key) + value.len + 3;
	size_t len = rest + decimal_digits(rest);

	/* The digits may push the sum past a power of ten: count again. */
	len = rest + decimal_digits(len);
	buf_fmt(out, "%zu %s=", len, key);
	buf_add(out, value.at, value.len);
	buf_text(out, "\n");
}

static void add_record(struct buf *out, const char *key, const char *value)
{
	add_bytes(out, key, slice_from(value));
}

static void add_xattr(struct buf *out, const struct tar_xattr *xattr)
{
	auto_buf struct buf key = { 0 };

	buf_text(&key, "SCHILY.xattr.");
	buf_add(&key, xattr->name.at, xattr->name.len);
	add_bytes(out, key.at, xattr->value);
}

static void add_number(struct buf *out, const char *key, uint64_t value)
{
	struct buf text = { 0 };

	buf_fmt(&text, "%llu", (unsigned long long)value);
	add_record(out, key, text.at);
	buf_free(&text);
}

/* The records that ustar has no room for, sorted by key. */
static void add_records(struct buf *out, const struct tar_entry *entry)
{
	size_t prefix;

	/* Capitals sort before the other keys. */
	for (size_t i = 0; i < entry->xattr_count; i++)
		add_xattr(out, &entry->xattrs[i]);
	if (entry->gid > ID_MAX)
		add_number(out, "gid", entry->gid);
	if (strlen(entry->link) > LINK_MAX_LEN || !is_ascii(entry->link))
		add_record(out, "linkpath", entry->link);
	if (!split_path(&prefix, entry->path, strlen(entry->path)) ||
	    !is_ascii(entry->path))
		add_record(out, "path", entry->path);
	if (entry->size > size_max)
		add_number(out, "size", entry->size);
	if (entry->uid > ID_MAX)
		add_number(out, "uid", entry->uid);
}

/* What does not fit is cut or zero here: the PAX records have it whole. */
static void add_block(struct buf *out, const struct tar_entry *entry)
{
	struct tar_block block = { .type = entry->type };
	size_t len = strlen(entry->path);
	size_t prefix;

	if (!split_path(&prefix, entry->path, len))
		prefix = 0;
	size_t name = prefix ? prefix + 1 : 0;

	put_text(block.name, NAME_MAX_LEN, entry->path + name, len - name);
	put_text(block.prefix, PREFIX_MAX_LEN, entry->path, prefix);
	put_text(block.link, LINK_MAX_LEN, entry->link, strlen(entry->link));
	put_octal(block.mode, sizeof(block.mode), entry->mode);
	put_octal(block.uid, sizeof(block.uid),
		  entry->uid > ID_MAX ? 0 : entry->uid);
	put_octal(block.gid, sizeof(block.gid),
		  entry->gid > ID_MAX ? 0 : entry->gid);
	put_octal(block.size, sizeof(block.size),
		  entry->size > size_max ? 0 : entry->size);
	put_octal(block.mtime, sizeof(block.mtime), entry->mtime);
	put_octal(block.major, sizeof(block.major), 0);
	put_octal(block.minor, sizeof(block.minor), 0);
	memcpy(block.magic, "ustar\00000", sizeof(block.magic));
	put_octal(block.checksum, sizeof(block.checksum) - 1,
		  tar_block_sum(&block));
	block.checksum[sizeof(block.checksum) - 1] = ' ';
	buf_add(out, &block, sizeof(block));
}

static void add_pax(struct buf *out, const struct buf *records)
{
	static const char zeros[TAR_BLOCK];
	struct tar_entry header = {
		.type = 'x',
		.path = pax_name,
		.link = "",
		.mode = 0644,
		.size = records->len,
	};

	add_block(out, &header);
	buf_add(out, records->at, records->len);
	buf_add(out, zeros, tar_padding(records->len));
}

int tar_header(struct buf *out, const struct tar_entry *entry, struct err *err)
{
	auto_buf struct buf records = { 0 };

	if (!*entry->path || strlen(entry->path) > TAR_PATH_MAX)
		return err_set(err, 0,
			       "a path of %zu bytes, allowed are 1 to "
			       "%d",
			       strlen(entry->path), TAR_PATH_MAX);
	if (strlen(entry->link) > TAR_PATH_MAX)
		return err_set(err, 0,
			       "%s: its link has %zu bytes, allowed "
			       "are %d",
			       entry->path, strlen(entry->link), TAR_PATH_MAX);
	add_records(&records, entry);
	if (records.len)
		add_pax(out, &records);
	add_block(out, entry);
	return 0;
}
