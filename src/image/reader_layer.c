#include "image/reader_layer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "image/reader.h"

enum { INPUT_SIZE = 64 * 1024 };

/* Read packed bytes: the count, 0 at the end, or -1. */
static ssize_t read_packed(struct reader_layer *layer, void *buf, size_t cap,
			   struct err *err)
{
	size_t want = layer->left < cap ? layer->left : cap;
	ssize_t n = io_read_at(layer->reader->fd, buf, want, layer->offset);

	if (n < 0)
		return err_set(err, errno, "read");
	if ((size_t)n != want)
		return err_set(err, 0, "truncated archive");
	sha256_update(&layer->packed_sum, want, buf);
	layer->offset += want;
	layer->left -= want;
	return n;
}

/* Give zlib something to eat. Returns 1, 0 at the end, or -1. */
static int feed(struct reader_layer *layer, struct err *err)
{
	if (layer->zlib.avail_in)
		return 1;
	ssize_t n = read_packed(layer, layer->input, INPUT_SIZE, err);

	if (n <= 0)
		return (int)n;
	layer->zlib.next_in = layer->input;
	layer->zlib.avail_in = (unsigned int)n;
	return 1;
}

/* At the end of a member: 1 when another one follows, 0, or -1. */
static int next_member(struct reader_layer *layer, struct err *err)
{
	int more = feed(layer, err);

	if (more > 0 && inflateReset(&layer->zlib) != Z_OK)
		return err_set(err, 0, "inflateReset");
	return more;
}

/* One step of zlib. Fails when it has neither eaten nor made anything. */
static int inflate_step(struct reader_layer *layer, struct err *err)
{
	unsigned int room = layer->zlib.avail_out;
	int more = feed(layer, err);

	if (more < 0)
		return -1;
	int status = inflate(&layer->zlib, Z_NO_FLUSH);

	if (status == Z_STREAM_END) {
		more = next_member(layer, err);
		layer->is_done = more == 0;
		return more < 0 ? -1 : 0;
	}
	if (status != Z_OK && status != Z_BUF_ERROR)
		return err_set(err, 0, "broken gzip data (%s)",
			       layer->zlib.msg ? layer->zlib.msg : "?");
	if (!more && layer->zlib.avail_out == room)
		return err_set(err, 0, "truncated gzip data");
	return 0;
}

static ssize_t read_gzip(struct reader_layer *layer, void *buf, size_t len,
			 struct err *err)
{
	layer->zlib.next_out = buf;
	layer->zlib.avail_out = (unsigned int)len;
	while (!layer->is_done && layer->zlib.avail_out)
		if (inflate_step(layer, err) < 0)
			return -1;
	return (ssize_t)(len - layer->zlib.avail_out);
}

/* Give zstd something to eat. Returns 1, 0 at the end, or -1. */
static int feed_zstd(struct reader_layer *layer, struct err *err)
{
	if (layer->zstd_in.pos < layer->zstd_in.size)
		return 1;
	ssize_t n = read_packed(layer, layer->input, INPUT_SIZE, err);

	if (n <= 0)
		return (int)n;
	layer->zstd_in = (ZSTD_inBuffer){ layer->input, (size_t)n, 0 };
	return 1;
}

/* One step of zstd. Fails when it has neither eaten nor made anything. */
static int zstd_step(struct reader_layer *layer, ZSTD_outBuffer *out,
		     struct err *err)
{
	size_t before = out->pos;
	int more = feed_zstd(layer, err);

	if (more < 0)
		return -1;
	/* Asked with nothing, zstd would begin a frame. */
	if (!more && !layer->in_frame) {
		layer->is_done = true;
		return 0;
	}
	size_t want = ZSTD_decompressStream(layer->zstd, out, &layer->zstd_in);

	if (ZSTD_isError(want))
		return err_set(err, 0, "broken zstd data (%s)",
			       ZSTD_getErrorName(want));
	layer->in_frame = want > 0;
	if (!more && layer->in_frame && out->pos == before)
		return err_set(err, 0, "truncated zstd data");
	return 0;
}

static ssize_t read_zstd(struct reader_layer *layer, void *buf, size_t len,
			 struct err *err)
{
	ZSTD_outBuffer out = { buf, len, 0 };

	while (!layer->is_done && out.pos < len)
		if (zstd_step(layer, &out, err) < 0)
			return -1;
	uint64_t size = layer->raw_size + out.pos;

	if (size > READER_LAYER_FREE &&
	    size / READER_LAYER_RATIO > layer->info->member->size)
		return err_set(err, 0, "more than %d times its packed size",
			       READER_LAYER_RATIO);
	return (ssize_t)out.pos;
}

/* A piece at a time: zlib counts in 32 bits. */
static ssize_t read_piece(struct reader_layer *layer, char *buf, size_t len,
			  struct err *err)
{
	if (len > INPUT_SIZE)
		len = INPUT_SIZE;
	if (layer->kind == CODEC_GZIP)
		return read_gzip(layer, buf, len, err);
	if (layer->kind == CODEC_ZSTD)
		return read_zstd(layer, buf, len, err);
	return read_packed(layer, buf, len, err);
}

static ssize_t read_raw(void *from, void *buf, size_t len, struct err *err)
{
	struct reader_layer *layer = from;
	size_t done = 0;

	while (done < len) {
		ssize_t n = read_piece(layer, (char *)buf + done, len - done,
				       err);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	sha256_update(&layer->raw_sum, done, buf);
	layer->raw_size += done;
	return (ssize_t)done;
}

static int detect(struct reader_layer *layer, struct err *err)
{
	unsigned char magic[CODEC_MAGIC] = { 0 };
	size_t n = layer->left < sizeof(magic) ? (size_t)layer->left
					       : sizeof(magic);

	if (io_read_at(layer->reader->fd, magic, n, layer->offset) < 0)
		return err_set(err, errno, "read");
	layer->kind = codec_detect(magic, n);
	return 0;
}

static int open_zstd(struct reader_layer *layer, struct err *err)
{
	layer->zstd = ZSTD_createDStream();
	if (layer->zstd &&
	    !ZSTD_isError(ZSTD_DCtx_setParameter(
		    layer->zstd, ZSTD_d_windowLogMax, READER_LAYER_WINDOW_LOG)))
		return 0;
	ZSTD_freeDStream(layer->zstd);
	return err_set(err, 0, "no decompressor");
}

int reader_layer_open(struct reader_layer *layer, const struct reader *reader,
		      const struct reader_layer_info *info, struct err *err)
{
	*layer = (struct reader_layer){
		.reader = reader,
		.info = info,
		.offset = info->member->offset,
		.left = info->member->size,
	};
	sha256_init(&layer->packed_sum);
	sha256_init(&layer->raw_sum);
	tar_open(&layer->tar, (struct tar_source){ read_raw, NULL, layer });
	if (detect(layer, err) < 0)
		return -1;
	if (layer->kind == CODEC_NONE)
		return 0;
	if (layer->kind == CODEC_ZSTD && open_zstd(layer, err) < 0)
		return -1;
	/* 16: a gzip header is expected, nothing else. */
	if (layer->kind == CODEC_GZIP &&
	    inflateInit2(&layer->zlib, MAX_WBITS + 16) != Z_OK)
		return err_set(err, 0, "inflateInit2");
	layer->input = mem_new(INPUT_SIZE, 1);
	return 0;
}

int reader_layer_sums(struct sum *packed, struct sum *raw,
		      struct reader_layer *layer, struct err *err)
{
	char scratch[16 * 1024];
	ssize_t n;

	while ((n = read_raw(layer, scratch, sizeof(scratch), err)) > 0)
		;
	*packed = sum_finish(&layer->packed_sum);
	*raw = sum_finish(&layer->raw_sum);
	return (int)n;
}

int reader_layer_finish(struct reader_layer *layer, struct err *err)
{
	const struct reader_layer_info *info = layer->info;
	struct sum packed, raw;

	if (reader_layer_sums(&packed, &raw, layer, err) < 0)
		return -1;
	if (info->digest && strcmp(packed.text, info->digest) != 0)
		return err_set(err, 0, "its contents do not have the digest %s",
			       info->digest);
	if (strcmp(raw.text, info->diff_id) != 0)
		return err_set(err, 0,
			       "its contents do not have the diff_id "
			       "%s",
			       info->diff_id);
	return 0;
}

void reader_layer_close(struct reader_layer *layer)
{
	tar_close(&layer->tar);
	if (layer->kind == CODEC_GZIP)
		inflateEnd(&layer->zlib);
	ZSTD_freeDStream(layer->zstd);
	free(layer->input);
}
