#include "image/unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "image/reader.h"

enum { INPUT_SIZE = 64 * 1024 };

/* Read packed bytes: the count, 0 at the end, or -1. */
static ssize_t read_packed(struct unpack *unpack, void *buf, size_t cap,
			   struct err *err)
{
	size_t want = unpack->left < cap ? unpack->left : cap;
	ssize_t n = io_read_at(unpack->reader->fd, buf, want, unpack->offset);

	if (n < 0)
		return err_set(err, errno, "read");
	if ((size_t)n != want)
		return err_set(err, 0, "truncated archive");
	sha256_update(&unpack->packed_sum, want, buf);
	unpack->offset += want;
	unpack->left -= want;
	return n;
}

/* Give zlib something to eat. Returns 1, 0 at the end, or -1. */
static int feed(struct unpack *unpack, struct err *err)
{
	if (unpack->zlib.avail_in)
		return 1;
	ssize_t n = read_packed(unpack, unpack->input, INPUT_SIZE, err);

	if (n <= 0)
		return (int)n;
	unpack->zlib.next_in = unpack->input;
	unpack->zlib.avail_in = (unsigned int)n;
	return 1;
}

/* At the end of a member: 1 when another one follows, 0, or -1. */
static int next_member(struct unpack *unpack, struct err *err)
{
	int more = feed(unpack, err);

	if (more > 0 && inflateReset(&unpack->zlib) != Z_OK)
		return err_set(err, 0, "inflateReset");
	return more;
}

/* Fill what zlib's output has room for, or reach the end. */
static int inflate_some(struct unpack *unpack, struct err *err)
{
	int more = 1;

	while (more > 0 && unpack->zlib.avail_out) {
		int status;

		more = feed(unpack, err);
		if (more < 0)
			return -1;
		status = inflate(&unpack->zlib, Z_NO_FLUSH);
		if (status == Z_STREAM_END)
			more = next_member(unpack, err);
		else if (!more)
			return err_set(err, 0, "truncated gzip data");
		else if (status != Z_OK)
			return err_set(err, 0, "broken gzip data (%s)",
				       unpack->zlib.msg ? unpack->zlib.msg
							: "?");
	}
	return more;
}

static ssize_t read_gzip(struct unpack *unpack, void *buf, size_t len,
			 struct err *err)
{
	/* After the last member's end there is nothing to inflate. */
	if (!unpack->left && !unpack->zlib.avail_in && unpack->is_done)
		return 0;
	unpack->zlib.next_out = buf;
	unpack->zlib.avail_out = (unsigned int)len;
	int more = inflate_some(unpack, err);

	if (more < 0)
		return -1;
	unpack->is_done = more == 0;
	return (ssize_t)(len - unpack->zlib.avail_out);
}

/* A piece at a time: zlib counts in 32 bits. */
static ssize_t read_piece(struct unpack *unpack, char *buf, size_t len,
			  struct err *err)
{
	if (len > INPUT_SIZE)
		len = INPUT_SIZE;
	return unpack->is_gzip ? read_gzip(unpack, buf, len, err)
			       : read_packed(unpack, buf, len, err);
}

static ssize_t read_raw(void *from, void *buf, size_t len, struct err *err)
{
	struct unpack *unpack = from;
	size_t done = 0;

	while (done < len) {
		ssize_t n = read_piece(unpack, (char *)buf + done, len - done,
				       err);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	sha256_update(&unpack->raw_sum, done, buf);
	unpack->raw_size += done;
	return (ssize_t)done;
}

static int check_magic(struct unpack *unpack, struct err *err)
{
	unsigned char magic[4] = { 0 };
	size_t n = unpack->left < sizeof(magic) ? unpack->left : sizeof(magic);

	if (io_read_at(unpack->reader->fd, magic, n, unpack->offset) < 0)
		return err_set(err, errno, "read");
	unpack->is_gzip = magic[0] == 0x1f && magic[1] == 0x8b;
	if (memcmp(magic, "\x28\xb5\x2f\xfd", sizeof(magic)) == 0)
		return err_set(err, 0, "compressed with zstd, which pith does "
				       "not read");
	return 0;
}

int unpack_open(struct unpack *unpack, const struct reader *reader,
		const struct reader_layer_info *info, struct err *err)
{
	*unpack = (struct unpack){
		.reader = reader,
		.info = info,
		.offset = info->member->offset,
		.left = info->member->size,
	};
	sha256_init(&unpack->packed_sum);
	sha256_init(&unpack->raw_sum);
	tar_open(&unpack->tar, (struct tar_source){ read_raw, NULL, unpack });
	if (check_magic(unpack, err) < 0)
		return -1;
	if (!unpack->is_gzip)
		return 0;
	/* 16: a gzip header is expected, nothing else. */
	if (inflateInit2(&unpack->zlib, MAX_WBITS + 16) != Z_OK)
		return err_set(err, 0, "inflateInit2");
	unpack->input = mem_new(INPUT_SIZE, 1);
	return 0;
}

int unpack_verify(struct unpack *unpack, struct err *err)
{
	const struct reader_layer_info *info = unpack->info;
	char scratch[16 * 1024];
	ssize_t n;

	while ((n = read_raw(unpack, scratch, sizeof(scratch), err)) > 0)
		;
	if (n < 0)
		return -1;
	if (info->digest && strcmp(sum_finish(&unpack->packed_sum).text,
				   info->digest) != 0)
		return err_set(err, 0, "its contents do not have the digest %s",
			       info->digest);
	if (strcmp(sum_finish(&unpack->raw_sum).text, info->diff_id) != 0)
		return err_set(err, 0, "its contents do not have the diff_id "
				       "%s",
			       info->diff_id);
	return 0;
}

void unpack_close(struct unpack *unpack)
{
	tar_close(&unpack->tar);
	if (unpack->input)
		inflateEnd(&unpack->zlib);
	free(unpack->input);
}
