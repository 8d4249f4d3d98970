#include "image/layer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/filecaps.h"
#include "image/pack.h"
#include "image/plan.h"

/* The stream under construction. */
struct layer_stream {
	struct layer *layer;
	int fd;
	struct pack *pool;
	struct sha256_ctx raw_sum;
	struct sha256_ctx packed_sum;
	char *chunk; /* being filled */
	size_t chunk_size;
	size_t used; /* bytes of it */
};

static int write_packed(void *to, const void *data, size_t len, struct err *err)
{
	struct layer_stream *stream = to;

	/* What is not compressed has one digest. */
	if (stream->layer->kind != CODEC_NONE)
		sha256_update(&stream->packed_sum, len, data);
	stream->layer->size += len;
	if (io_write(stream->fd, data, len) < 0)
		return err_set(err, errno, "write");
	/* While the next ones are being compressed. */
	io_hasten(stream->fd);
	return 0;
}

/* Hand the chunk over and get an empty one. */
static int flush(struct layer_stream *stream, struct err *err)
{
	void *buffer;

	sha256_update(&stream->raw_sum, stream->used,
		      (const uint8_t *)stream->chunk);
	stream->layer->raw_size += stream->used;
	if (pack_submit(stream->pool, stream->used, err) < 0 ||
	    pack_buffer(&buffer, stream->pool, err) < 0)
		return -1;
	stream->chunk = buffer;
	stream->used = 0;
	return 0;
}

/* Room for *len more bytes, or fewer, at *at; full chunks go on their way. */
static int reserve(char **at, size_t *len, struct layer_stream *stream,
		   struct err *err)
{
	if (stream->used == stream->chunk_size && flush(stream, err) < 0)
		return -1;
	size_t room = stream->chunk_size - stream->used;

	if (*len > room)
		*len = room;
	*at = stream->chunk + stream->used;
	return 0;
}

/* Add bytes, or zero bytes where data is NULL. */
static int put(struct layer_stream *stream, const void *data, size_t len,
	       struct err *err)
{
	for (size_t done = 0; done < len;) {
		size_t n = len - done;
		char *at;

		if (reserve(&at, &n, stream, err) < 0)
			return -1;
		if (data)
			memcpy(at, (const char *)data + done, n);
		else
			memset(at, 0, n);
		stream->used += n;
		done += n;
	}
	return 0;
}

/* Read straight into the chunk; a sparse file's holes arrive as zeros. */
static int put_fd(struct layer_stream *stream, const char *file, uint64_t size,
		  int fd, struct err *err)
{
	for (uint64_t left = size; left;) {
		size_t n = left < stream->chunk_size ? (size_t)left
						     : stream->chunk_size;
		char *at;

		if (reserve(&at, &n, stream, err) < 0)
			return -1;
		ssize_t got = io_read(fd, at, n);

		if (got < 0)
			return err_set(err, errno, "%s", file);
		if ((size_t)got != n)
			return err_set(err, 0,
				       "%s: became shorter while the "
				       "image was being built",
				       file);
		stream->used += n;
		left -= n;
	}
	return 0;
}

static int put_file(struct layer_stream *stream, const struct plan_entry *entry,
		    struct err *err)
{
	auto_buf struct buf file = { 0 };
	struct stat st;

	plan_file(&file, entry);
	auto_fd int fd = open(file.at,
			      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s", file.at);
	/* By now the name may lead elsewhere: it must be the same file. */
	if (plan_check_file(entry, &st, err) < 0)
		return -1;
	if (put_fd(stream, file.at, entry->size, fd, err) < 0)
		return -1;
	/* And it must not have grown or been rewritten meanwhile. */
	if (fstat(fd, &st) < 0)
		return err_set(err, errno, "%s", file.at);
	return plan_check_file(entry, &st, err);
}

/* The path as archives store it: "etc/passwd", "etc/", and "./" for "/". */
static void store_path(struct buf *out, const struct plan_entry *entry)
{
	out->len = 0;
	buf_text(out, entry->path[1] ? entry->path + 1 : ".");
	if (entry->type == TAR_DIR)
		buf_text(out, "/");
}

static int put_entry(struct layer_stream *stream,
		     const struct plan_entry *entry, struct err *err)
{
	auto_buf struct buf path = { 0 };
	auto_buf struct buf header = { 0 };

	store_path(&path, entry);
	struct tar_entry tar = {
		.type = (char)entry->type,
		.path = path.at,
		.link = plan_link(entry) ? entry->link : "",
		.mode = entry->mode,
		.uid = entry->uid,
		.gid = entry->gid,
		.size = entry->size,
	};

	if (plan_caps(entry))
		tar.xattrs[tar.xattr_count++] = (struct tar_xattr){
			SLICE(FILECAPS_NAME), { entry->caps, FILECAPS_SIZE }
		};
	if (tar_header(&header, &tar, err) < 0 ||
	    put(stream, header.at, header.len, err) < 0)
		return -1;
	if (entry->from && put_file(stream, entry, err) < 0)
		return -1;
	if (plan_bytes(entry) &&
	    put(stream, entry->bytes, (size_t)entry->size, err) < 0)
		return -1;
	return put(stream, NULL, tar_padding(entry->size), err);
}

/* Part of a plan. */
struct part {
	const struct plan *plan;
	unsigned int layers;
};

static int put_part(void *from, struct layer_stream *stream, struct err *err)
{
	const struct part *part = from;
	const struct plan *plan = part->plan;

	for (size_t i = 0; i < plan->count; i++)
		if ((plan->entries[i].layers & part->layers) &&
		    put_entry(stream, &plan->entries[i], err) < 0)
			return -1;
	/* Two zero blocks end an archive; GNU tar insists. */
	return put(stream, NULL, 2 * TAR_BLOCK, err);
}

int layer_put(struct layer_stream *stream, const void *data, size_t len,
	      struct err *err)
{
	return put(stream, data, len, err);
}

static int put_all(struct layer_stream *stream, layer_fill *fill, void *from,
		   struct err *err)
{
	void *buffer;

	if (pack_buffer(&buffer, stream->pool, err) < 0)
		return -1;
	stream->chunk = buffer;
	if (fill(from, stream, err) < 0)
		return -1;
	sha256_update(&stream->raw_sum, stream->used,
		      (const uint8_t *)stream->chunk);
	stream->layer->raw_size += stream->used;
	if (pack_submit(stream->pool, stream->used, err) < 0)
		return -1;
	return pack_finish(stream->pool, err);
}

int layer_write_stream(struct layer *out, int fd, const struct codec *codec,
		       layer_fill *fill, void *from, struct err *err)
{
	struct layer_stream stream = { .layer = out,
				       .fd = fd,
				       .chunk_size = codec_chunk(codec) };
	struct pack_sink sink = { write_packed, &stream };

	*out = (struct layer){ .kind = codec->kind };
	sha256_init(&stream.raw_sum);
	sha256_init(&stream.packed_sum);
	stream.pool = pack_new(codec, sink, err);
	if (!stream.pool)
		return -1;
	int result = put_all(&stream, fill, from, err);

	pack_free(stream.pool);
	out->diff_id = sum_finish(&stream.raw_sum);
	out->digest = codec->kind == CODEC_NONE
			      ? out->diff_id
			      : sum_finish(&stream.packed_sum);
	return result;
}

int layer_write(struct layer *out, int fd, const struct plan *plan,
		unsigned int layers, const struct codec *codec, struct err *err)
{
	struct part part = { plan, layers };

	return layer_write_stream(out, fd, codec, put_part, &part, err);
}
