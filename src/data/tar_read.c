/* Reading headers. Every byte may have been chosen by an attacker. */
#include "data/tar.h"

#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "data/tar_block.h"

enum { SKIP_STEP = 16 * 1024 };

/* Room to add a block's worth without overflow. */
static const uint64_t size_limit = INT64_MAX - TAR_BLOCK;

/* What extension headers say about the entry that follows them. */
struct override {
	bool has_path, has_link; /* the texts are in the reader */
	bool has_size, has_uid, has_gid;
	uint64_t size, uid, gid;
};

void tar_open(struct tar_reader *reader, struct tar_source source)
{
	*reader = (struct tar_reader){ .source = source };
}

void tar_close(struct tar_reader *reader)
{
	buf_free(&reader->extension);
	buf_free(&reader->path);
	buf_free(&reader->link);
}

static ssize_t take(struct tar_reader *reader, void *buf, size_t len,
		    struct err *err)
{
	ssize_t n = reader->source.read(reader->source.from, buf, len, err);

	if (n > 0)
		reader->offset += (uint64_t)n;
	return n;
}

/* Fewer bytes than promised are an error here. */
static int take_all(struct tar_reader *reader, void *buf, size_t len,
		    struct err *err)
{
	ssize_t n = take(reader, buf, len, err);

	if (n < 0)
		return -1;
	if ((size_t)n != len)
		return err_set(err, 0, "truncated archive");
	return 0;
}

static int step_over(struct tar_reader *reader, uint64_t len, struct err *err)
{
	char scratch[SKIP_STEP];

	if (reader->source.skip && len) {
		reader->offset += len;
		return reader->source.skip(reader->source.from, len, err);
	}
	while (len) {
		size_t n = len < sizeof(scratch) ? len : sizeof(scratch);

		if (take_all(reader, scratch, n, err) < 0)
			return -1;
		len -= n;
	}
	return 0;
}

static int read_numbers(struct tar_entry *entry, const struct tar_block *block,
			struct err *err)
{
	uint64_t mode, sum;

	if (!tar_block_number(&sum, block->checksum, sizeof(block->checksum)) ||
	    sum != tar_block_sum(block))
		return err_set(err, 0, "no tar header (its checksum is wrong)");
	if (!tar_block_number(&mode, block->mode, sizeof(block->mode)) ||
	    !tar_block_number(&entry->uid, block->uid, sizeof(block->uid)) ||
	    !tar_block_number(&entry->gid, block->gid, sizeof(block->gid)) ||
	    !tar_block_number(&entry->size, block->size, sizeof(block->size)))
		return err_set(err, 0, "a tar header with a bad number");
	if (entry->size > size_limit)
		return err_set(err, 0, "a tar header with an impossible size");
	/* Nobody here needs times, and some writers store negative ones. */
	if (!tar_block_number(&entry->mtime, block->mtime,
			      sizeof(block->mtime)))
		entry->mtime = 0;
	entry->mode = mode & 07777;
	return 0;
}

static struct slice field_text(const char *field, size_t width)
{
	return (struct slice){ field, strnlen(field, width) };
}

static void set_text(struct buf *to, struct slice text)
{
	to->len = 0;
	buf_add(to, text.at, text.len);
}

/* The name as the block has it; only POSIX's own magic has a prefix. */
static void set_block_path(struct buf *to, const struct tar_block *block)
{
	struct slice prefix = field_text(block->prefix, sizeof(block->prefix));
	struct slice name = field_text(block->name, sizeof(block->name));

	to->len = 0;
	if (memcmp(block->magic, "ustar", 6) == 0 && prefix.len) {
		buf_add(to, prefix.at, prefix.len);
		buf_add(to, "/", 1);
	}
	buf_add(to, name.at, name.len);
}

static int add_xattr(struct tar_entry *entry, struct slice name,
		     struct slice value, struct err *err)
{
	if (entry->xattr_count == TAR_XATTRS_MAX)
		return err_set(err, 0, "more than %d extended attributes",
			       TAR_XATTRS_MAX);
	entry->xattrs[entry->xattr_count++] = (struct tar_xattr){ name, value };
	return 0;
}

static bool apply_number(struct override *over, struct slice key,
			 struct slice value)
{
	if (slice_eq(key, "size"))
		return over->has_size = num_u64(&over->size, value);
	if (slice_eq(key, "uid"))
		return over->has_uid = num_u64(&over->uid, value);
	if (slice_eq(key, "gid"))
		return over->has_gid = num_u64(&over->gid, value);
	return true; /* not ours: times, owner names, comments */
}

/* The next extension header may reuse the buffer, so texts are copied out. */
static int apply_record(struct tar_reader *reader, struct tar_entry *entry,
			struct override *over, struct slice key,
			struct slice value, struct err *err)
{
	static const char xattr[] = "SCHILY.xattr.";

	if (slice_eq(key, "path")) {
		set_text(&reader->path, value);
		over->has_path = true;
	} else if (slice_eq(key, "linkpath")) {
		set_text(&reader->link, value);
		over->has_link = true;
	} else if (slice_has_prefix(key, xattr)) {
		key.at += sizeof(xattr) - 1;
		key.len -= sizeof(xattr) - 1;
		return add_xattr(entry, key, value, err);
	} else if (!apply_number(over, key, value)) {
		return err_set(err, 0, "a PAX %.*s that is no number",
			       SLICE_ARGS(key));
	}
	return 0;
}

/* Take "LENGTH KEY=VALUE\n" off the front of *rest. */
static bool cut_record(struct slice *key, struct slice *value,
		       struct slice *rest)
{
	struct slice after = *rest;
	struct slice digits;
	uint64_t len;

	if (!slice_cut(&digits, &after, ' ') || !num_u64(&len, digits) ||
	    len > rest->len || len <= digits.len + 2 ||
	    rest->at[len - 1] != '\n')
		return false;
	struct slice body = { after.at, (size_t)len - digits.len - 2 };
	const char *equals = memchr(body.at, '=', body.len);

	if (!equals || equals == body.at)
		return false;
	*key = (struct slice){ body.at, (size_t)(equals - body.at) };
	*value = (struct slice){ equals + 1, body.len - key->len - 1 };
	*rest = (struct slice){ rest->at + len, rest->len - (size_t)len };
	return true;
}

static int apply_pax(struct tar_reader *reader, struct tar_entry *entry,
		     struct override *over, struct err *err)
{
	struct slice records = buf_slice(&reader->extension);
	struct slice key, value;

	while (records.len) {
		if (!cut_record(&key, &value, &records))
			return err_set(err, 0, "a malformed PAX record");
		if (apply_record(reader, entry, over, key, value, err) < 0)
			return -1;
	}
	return 0;
}

static int read_extension(struct tar_reader *reader, uint64_t size,
			  struct err *err)
{
	char chunk[TAR_BLOCK];

	if (size > TAR_EXTENSION_MAX)
		return err_set(err, 0,
			       "an extension header of %llu bytes, "
			       "allowed are %d",
			       (unsigned long long)size, TAR_EXTENSION_MAX);
	reader->extension.len = 0;
	for (uint64_t done = 0; done < size; done += sizeof(chunk)) {
		size_t n = size - done < sizeof(chunk) ? size - done
						       : sizeof(chunk);

		if (take_all(reader, chunk, sizeof(chunk), err) < 0)
			return -1;
		buf_add(&reader->extension, chunk, n);
	}
	return 0;
}

/* Read the data of an 'x', 'L' or 'K' header and note what it says. */
static int extend(struct tar_reader *reader, struct tar_entry *entry,
		  struct override *over, struct err *err)
{
	/* Attributes point into the buffer that this fills anew. */
	entry->xattr_count = 0;
	if (read_extension(reader, entry->size, err) < 0)
		return -1;
	if (entry->type == 'x')
		return apply_pax(reader, entry, over, err);
	struct slice text = buf_slice(&reader->extension);

	/* GNU's long names end with a zero byte that is no part of them. */
	text.len = strnlen(text.at, text.len);
	if (entry->type == 'L') {
		set_text(&reader->path, text);
		over->has_path = true;
	} else {
		set_text(&reader->link, text);
		over->has_link = true;
	}
	return 0;
}

static bool is_text(const struct buf *buf)
{
	return buf->len <= TAR_PATH_MAX &&
	       (!buf->len || !memchr(buf->at, '\0', buf->len));
}

static int finish_names(struct tar_reader *reader, struct tar_entry *entry,
			const struct tar_block *block,
			const struct override *over, struct err *err)
{
	if (!over->has_path)
		set_block_path(&reader->path, block);
	if (!over->has_link)
		set_text(&reader->link,
			 field_text(block->link, sizeof(block->link)));
	if (!reader->path.len || !is_text(&reader->path) ||
	    !is_text(&reader->link))
		return err_set(err, 0, "an empty, over-long or broken name");
	entry->path = reader->path.at;
	entry->link = buf_slice(&reader->link).at;
	return 0;
}

/* Only these have data; a size elsewhere means nothing, as Go reads it. */
static bool has_data(char type)
{
	return type < TAR_HARDLINK || type > TAR_FIFO;
}

static int finish(struct tar_reader *reader, struct tar_entry *entry,
		  const struct tar_block *block, const struct override *over,
		  struct err *err)
{
	if (finish_names(reader, entry, block, over, err) < 0)
		return -1;
	if (entry->type == '\0' || entry->type == '7')
		entry->type = TAR_FILE;
	/* Before POSIX, a directory was a file with a slash at its end. */
	if (entry->type == TAR_FILE &&
	    reader->path.at[reader->path.len - 1] == '/')
		entry->type = TAR_DIR;
	entry->uid = over->has_uid ? over->uid : entry->uid;
	entry->gid = over->has_gid ? over->gid : entry->gid;
	entry->size = over->has_size ? over->size : entry->size;
	if (!has_data(entry->type))
		entry->size = 0;
	if (entry->size > size_limit)
		return err_set(err, 0, "%s: impossible size", entry->path);
	reader->left = entry->size;
	reader->padding = tar_padding(entry->size);
	return 1;
}

/*
 * Step to the next header: 1, 0 at the end, or -1. A writer that does not
 * finish its archive leaves out the last padding, too; engines take that.
 */
static int step_on(struct tar_reader *reader, struct err *err)
{
	char padding[TAR_BLOCK];
	ssize_t n = 1;

	if (step_over(reader, reader->left, err) < 0)
		return -1;
	if (reader->source.skip)
		return step_over(reader, reader->padding, err) < 0 ? -1 : 1;
	if (reader->padding)
		n = take(reader, padding, reader->padding, err);
	if (n > 0 && reader->padding && (uint64_t)n != reader->padding)
		return err_set(err, 0, "truncated archive");
	return n < 0 ? -1 : n > 0;
}

/* Returns 1, 0 at the end, or -1. */
static int read_block(struct tar_block *block, struct tar_reader *reader,
		      struct err *err)
{
	static const struct tar_block zero;
	ssize_t n = take(reader, block, sizeof(*block), err);

	if (n < 0)
		return -1;
	/* Some writers forget the zero blocks at the end. */
	if (n == 0)
		return 0;
	if (n != sizeof(*block))
		return err_set(err, 0, "truncated archive");
	reader->is_marked = memcmp(block, &zero, sizeof(zero)) == 0;
	return !reader->is_marked;
}

/* Deal with a header that says something about the next one. */
static int read_extra(struct tar_reader *reader, struct tar_entry *entry,
		      struct override *over, struct err *err)
{
	if (entry->type != 'g')
		return extend(reader, entry, over, err);
	/* Global records: comments, in practice. */
	return step_over(reader, entry->size + tar_padding(entry->size), err);
}

int tar_next(struct tar_entry *entry, struct tar_reader *reader,
	     struct err *err)
{
	struct tar_block block;
	struct override over = { 0 };
	int got;

	got = step_on(reader, err);
	if (got <= 0)
		return got;
	reader->left = reader->padding = 0;
	entry->xattr_count = 0;
	while ((got = read_block(&block, reader, err)) > 0) {
		entry->type = block.type;
		if (read_numbers(entry, &block, err) < 0)
			return -1;
		if (!block.type || !strchr("gxLK", block.type))
			return finish(reader, entry, &block, &over, err);
		if (read_extra(reader, entry, &over, err) < 0)
			return -1;
	}
	return got;
}

ssize_t tar_data(void *buf, size_t cap, struct tar_reader *reader,
		 struct err *err)
{
	size_t n = reader->left < cap ? reader->left : cap;

	if (take_all(reader, buf, n, err) < 0)
		return -1;
	reader->left -= n;
	return (ssize_t)n;
}
