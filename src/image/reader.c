#include "image/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"

/* The archive's own tar, read through pread. */
struct position {
	const struct reader *reader;
	uint64_t offset;
};

static ssize_t read_position(void *from, void *buf, size_t len, struct err *err)
{
	struct position *at = from;
	ssize_t n = io_read_at(at->reader->fd, buf, len, at->offset);

	if (n < 0)
		return err_set(err, errno, "read");
	at->offset += (uint64_t)n;
	return n;
}

static int skip_position(void *from, uint64_t len, struct err *err)
{
	struct position *at = from;

	if (len > at->reader->size - at->offset)
		return err_set(err, 0, "truncated archive");
	at->offset += len;
	return 0;
}

static int add_member(struct reader *reader, const struct tar_entry *entry,
		      uint64_t offset, struct err *err)
{
	const char *name = entry->path;
	size_t count = reader->member_count;

	while (strncmp(name, "./", 2) == 0)
		name += 2;
	if (entry->type != TAR_FILE && entry->type != TAR_SYMLINK)
		return 0;
	if (count == READER_MEMBERS_MAX)
		return err_set(err, 0, "more than %d members",
			       READER_MEMBERS_MAX);
	/* Grow in powers of two: the count is the capacity until then. */
	if (!(count & (count - 1)))
		reader->members = mem_grow(reader->members,
					   count ? 2 * count : 1,
					   sizeof(*reader->members));
	reader->members[reader->member_count++] = (struct reader_member){
		.name = mem_text(slice_from(name)),
		.link = entry->type == TAR_SYMLINK
				? mem_text(slice_from(entry->link))
				: NULL,
		.offset = offset,
		.size = entry->size,
	};
	return 0;
}

static int read_members(struct reader *reader, struct err *err)
{
	struct position at = { reader, 0 };
	struct tar_reader tar;
	struct tar_entry entry;
	int got;

	tar_open(&tar,
		 (struct tar_source){ read_position, skip_position, &at });
	while ((got = tar_next(&entry, &tar, err)) > 0) {
		got = add_member(reader, &entry, tar.offset, err);
		if (got < 0)
			break;
	}
	if (got == 0)
		got = tar_finish(&reader->end_fault, &tar, err);
	tar_close(&tar);
	return got;
}

static int compare_members(const void *a, const void *b)
{
	return strcmp(((const struct reader_member *)a)->name,
		      ((const struct reader_member *)b)->name);
}

static int index_members(struct reader *reader, struct err *err)
{
	struct reader_member *members = reader->members;

	if (!reader->member_count)
		return err_set(err, 0, "an empty archive");
	qsort(members, reader->member_count, sizeof(*members), compare_members);
	/* Two readers might take different ones for the truth. */
	for (size_t i = 1; i < reader->member_count; i++)
		if (strcmp(members[i - 1].name, members[i].name) == 0)
			return err_set(err, 0, "%s: twice in the archive",
				       members[i].name);
	return 0;
}

/* What people mistake for an image archive, told by its first bytes. */
static int check_magic(const struct reader *reader, struct err *err)
{
	unsigned char magic[4] = { 0 };

	if (io_read_at(reader->fd, magic, sizeof(magic), 0) < 0)
		return err_set(err, errno, "read");
	if (magic[0] == 0x1f && magic[1] == 0x8b)
		return err_set(err, 0,
			       "compressed as a whole; gunzip it "
			       "first");
	if (memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0)
		return err_set(err, 0,
			       "compressed as a whole; unzstd it "
			       "first");
	return 0;
}

static int open_file(struct reader *out, const char *path, struct err *err)
{
	struct stat st;

	out->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (out->fd < 0 || fstat(out->fd, &st) < 0)
		return err_set(err, errno, "open");
	if (!S_ISREG(st.st_mode))
		return err_set(err, 0, "no regular file");
	out->size = (uint64_t)st.st_size;
	return check_magic(out, err);
}

int reader_open(struct reader *out, const char *path, struct err *err)
{
	*out = (struct reader){ .fd = -1 };
	if (open_file(out, path, err) < 0 || read_members(out, err) < 0 ||
	    index_members(out, err) < 0) {
		reader_close(out);
		return err_wrap(err, "%s", path);
	}
	return 0;
}

void reader_close(struct reader *reader)
{
	for (size_t i = 0; i < reader->member_count; i++) {
		free(reader->members[i].name);
		free(reader->members[i].link);
	}
	free(reader->members);
	scope_close(&reader->fd);
	*reader = (struct reader){ .fd = -1 };
}

static const struct reader_member *find_plain(const struct reader *reader,
					      const char *name)
{
	struct reader_member key = { .name = (char *)(uintptr_t)name };

	return bsearch(&key, reader->members, reader->member_count, sizeof(key),
		       compare_members);
}

/* Where a symlink beside name leads: docker save links equal layers so. */
static void resolve(struct buf *out, const char *name, const char *link)
{
	const char *slash = strrchr(name, '/');
	size_t dir = slash ? (size_t)(slash - name) : 0;

	while (strncmp(link, "../", 3) == 0) {
		slash = memrchr(name, '/', dir);
		dir = slash ? (size_t)(slash - name) : 0;
		link += 3;
	}
	buf_add(out, name, dir);
	buf_text(out, dir ? "/" : "");
	buf_text(out, link);
}

const struct reader_member *reader_find(const struct reader *reader,
					const char *name)
{
	const struct reader_member *member = find_plain(reader, name);
	auto_buf struct buf target = { 0 };

	if (!member || !member->link)
		return member;
	resolve(&target, name, member->link);
	member = find_plain(reader, target.at);
	return member && !member->link ? member : NULL;
}

static int load(struct buf *out, const struct reader *reader,
		const struct reader_member *member, struct err *err)
{
	char chunk[16 * 1024];

	if (member->size > READER_JSON_MAX)
		return err_set(err, 0, "%llu bytes of JSON, allowed are %d",
			       (unsigned long long)member->size,
			       READER_JSON_MAX);
	while (out->len < member->size) {
		size_t n = member->size - out->len < sizeof(chunk)
				   ? member->size - out->len
				   : sizeof(chunk);
		ssize_t got = io_read_at(reader->fd, chunk, n,
					 member->offset + out->len);

		if (got < 0)
			return err_set(err, errno, "read");
		if ((size_t)got != n)
			return err_set(err, 0, "truncated archive");
		buf_add(out, chunk, n);
	}
	return 0;
}

static int check_blob(const struct buf *bytes, const char *digest,
		      json_int_t size, struct err *err)
{
	if (size >= 0 && (uint64_t)size != bytes->len)
		return err_set(err, 0, "%zu bytes, its descriptor says %llu",
			       bytes->len, (unsigned long long)size);
	if (digest && strcmp(sum_of(buf_slice(bytes)).text, digest) != 0)
		return err_set(err, 0,
			       "its contents do not have the digest "
			       "%s",
			       digest);
	return 0;
}

json_t *reader_json(const struct reader *reader,
		    const struct reader_member *member, const char *digest,
		    json_int_t size, struct err *err)
{
	auto_buf struct buf bytes = { 0 };
	json_error_t fault;
	json_t *json = NULL;

	if (load(&bytes, reader, member, err) == 0 &&
	    check_blob(&bytes, digest, size, err) == 0) {
		json = json_loadb(buf_slice(&bytes).at, bytes.len,
				  JSON_REJECT_DUPLICATES, &fault);
		if (!json)
			err_set(err, 0, "line %d: %s", fault.line, fault.text);
	}
	if (!json)
		err_wrap(err, "%s", member->name);
	return json;
}

int reader_sum(struct sum *out, const struct reader *reader,
	       const struct reader_member *member, struct err *err)
{
	struct sha256_ctx ctx;
	uint8_t chunk[16 * 1024];

	sha256_init(&ctx);
	for (uint64_t done = 0; done < member->size;) {
		uint64_t left = member->size - done;
		size_t n = left < sizeof(chunk) ? left : sizeof(chunk);
		ssize_t got = io_read_at(reader->fd, chunk, n,
					 member->offset + done);

		if (got < 0)
			return err_set(err, errno, "read");
		if ((size_t)got != n)
			return err_set(err, 0, "truncated archive");
		sha256_update(&ctx, n, chunk);
		done += n;
	}
	*out = sum_finish(&ctx);
	return 0;
}
