#include "image/archive.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/tar.h"
#include "image/layer.h"
#include "image/manifest.h"

enum { COPY_SIZE = 64 * 1024 };

static const char zeros[2 * TAR_BLOCK];

static int header(struct buf *out, const char *path, uint64_t size,
		  struct err *err)
{
	return tar_header(out,
			  &(struct tar_entry){ .type = TAR_FILE,
					       .path = path,
					       .link = "",
					       .mode = 0644,
					       .size = size },
			  err);
}

static int add(struct buf *out, const char *path, struct slice bytes,
	       struct err *err)
{
	if (header(out, path, bytes.len, err) < 0)
		return -1;
	buf_add(out, bytes.at, bytes.len);
	buf_add(out, zeros, tar_padding(bytes.len));
	return 0;
}

static bool has_blob(const struct archive *archive, const struct sum *sum)
{
	for (size_t i = 0; i < archive->blob_count; i++)
		if (strcmp(archive->blobs[i].text, sum->text) == 0)
			return true;
	return false;
}

static void note_blob(struct archive *archive, const struct sum *sum)
{
	archive->blobs = mem_grow(archive->blobs, archive->blob_count + 1,
				  sizeof(*archive->blobs));
	archive->blobs[archive->blob_count++] = *sum;
}

/* Once, whoever refers to it. */
static int add_blob(struct buf *out, struct archive *archive,
		    const struct sum *sum, const struct buf *bytes,
		    struct err *err)
{
	auto_buf struct buf path = { 0 };

	if (has_blob(archive, sum))
		return 0;
	note_blob(archive, sum);
	manifest_blob_path(&path, sum);
	return add(out, path.at, buf_slice(bytes), err);
}

static int flush(struct archive *archive, const struct buf *bytes,
		 struct err *err)
{
	if (io_write(archive->out.fd, bytes->at, bytes->len) < 0)
		return err_set(err, errno, "write %s", archive->out.path);
	return 0;
}

int archive_create(struct archive *archive, const char *path, struct err *err)
{
	auto_buf struct buf begin = { 0 };

	*archive = (struct archive){ 0 };
	if (io_create(&archive->out, path, err) < 0)
		return -1;
	if (add(&begin, "oci-layout",
		SLICE("{\"imageLayoutVersion\":\"1.0.0\"}"), err) < 0 ||
	    flush(archive, &begin, err) < 0) {
		archive_discard(archive);
		return -1;
	}
	return 0;
}

static int copy_bytes(struct archive *archive, int from, uint64_t offset,
		      uint64_t size, struct err *err)
{
	char chunk[COPY_SIZE];

	for (uint64_t done = 0; done < size;) {
		uint64_t left = size - done;
		size_t n = left < sizeof(chunk) ? left : sizeof(chunk);
		ssize_t got = io_read_at(from, chunk, n, offset + done);

		if (got < 0)
			return err_set(err, errno, "read");
		if ((size_t)got != n)
			return err_set(err, 0, "truncated archive");
		if (io_write(archive->out.fd, chunk, n) < 0)
			return err_set(err, errno, "write %s",
				       archive->out.path);
		done += n;
	}
	return 0;
}

int archive_copy(struct archive *archive, const struct sum *digest, int from,
		 uint64_t offset, uint64_t size, struct err *err)
{
	auto_buf struct buf path = { 0 };
	auto_buf struct buf begin = { 0 };
	auto_buf struct buf end = { 0 };

	if (has_blob(archive, digest))
		return 0;
	note_blob(archive, digest);
	manifest_blob_path(&path, digest);
	if (header(&begin, path.at, size, err) < 0 ||
	    flush(archive, &begin, err) < 0 ||
	    copy_bytes(archive, from, offset, size, err) < 0)
		return -1;
	buf_add(&end, zeros, tar_padding(size));
	return flush(archive, &end, err);
}

int archive_begin_layer(struct archive *archive, struct err *err)
{
	off_t at = lseek(archive->out.fd, 0, SEEK_CUR);

	if (at < 0 || io_write(archive->out.fd, zeros, TAR_BLOCK) < 0)
		return err_set(err, errno, "write %s", archive->out.path);
	archive->layer_at = (uint64_t)at;
	return 0;
}

/* Write the header that has been left out, now that it is known. */
static int patch_layer(struct archive *archive, const struct layer *layer,
		       struct err *err)
{
	auto_buf struct buf path = { 0 };
	auto_buf struct buf block = { 0 };

	manifest_blob_path(&path, &layer->digest);
	if (header(&block, path.at, layer->size, err) < 0)
		return -1;
	if (block.len != TAR_BLOCK)
		return err_set(err, 0,
			       "the packed layer has %llu bytes; an "
			       "archive holds less than 8 GiB",
			       (unsigned long long)layer->size);
	if (io_write_at(archive->out.fd, block.at, block.len,
			archive->layer_at) < 0)
		return err_set(err, errno, "write %s", archive->out.path);
	return 0;
}

static int take_back(struct archive *archive, struct err *err)
{
	off_t at = (off_t)archive->layer_at;

	if (ftruncate(archive->out.fd, at) < 0 ||
	    lseek(archive->out.fd, at, SEEK_SET) < 0)
		return err_set(err, errno, "write %s", archive->out.path);
	return 0;
}

int archive_end_layer(struct archive *archive, const struct layer *layer,
		      struct err *err)
{
	auto_buf struct buf padding = { 0 };

	if (has_blob(archive, &layer->digest))
		return take_back(archive, err);
	note_blob(archive, &layer->digest);
	buf_add(&padding, zeros, tar_padding(layer->size));
	if (patch_layer(archive, layer, err) < 0)
		return -1;
	return flush(archive, &padding, err);
}

/* What names several platforms has no config of its own. */
static int add_documents(struct buf *out, struct archive *archive,
			 const struct manifest *manifest, struct err *err)
{
	if (manifest->config.len &&
	    add_blob(out, archive, &manifest->config_sum, &manifest->config,
		     err) < 0)
		return -1;
	return add_blob(out, archive, &manifest->manifest_sum,
			&manifest->manifest, err);
}

int archive_add(struct archive *archive, const struct manifest *manifest,
		struct err *err)
{
	auto_buf struct buf documents = { 0 };

	if (add_documents(&documents, archive, manifest, err) < 0)
		return -1;
	return flush(archive, &documents, err);
}

int archive_finish(struct archive *archive, const struct manifest *manifest,
		   struct err *err)
{
	auto_buf struct buf rest = { 0 };

	if (add_documents(&rest, archive, manifest, err) < 0 ||
	    add(&rest, "index.json", buf_slice(&manifest->index), err) < 0 ||
	    (manifest->docker.len &&
	     add(&rest, "manifest.json", buf_slice(&manifest->docker), err) <
		     0)) {
		archive_discard(archive);
		return -1;
	}
	buf_add(&rest, zeros, 2 * TAR_BLOCK);
	if (flush(archive, &rest, err) < 0) {
		archive_discard(archive);
		return -1;
	}
	int result = io_commit(&archive->out, err);

	archive_discard(archive);
	return result;
}

void archive_discard(struct archive *archive)
{
	io_discard(&archive->out);
	free(archive->blobs);
	archive->blobs = NULL;
	archive->blob_count = 0;
}
