#ifndef IMAGE_ARCHIVE_H
#define IMAGE_ARCHIVE_H

/*
 * archive: one file that is both an OCI layout and a docker-archive, so that
 * docker, podman, skopeo and containerd all load it.
 *
 *	oci-layout  blobs/sha256/LAYER ... .../CONFIG .../MANIFEST
 *	index.json  manifest.json
 *
 * A layer goes straight from the compressor into the file, behind a header that
 * is written once its digest and size are known.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/io.h"

struct err;
struct layer;
struct manifest;
struct sum;

struct archive {
	struct io_output out; /* layer_write writes to its fd */
	uint64_t layer_at;    /* offset of the layer's header */
	struct sum *blobs;    /* those that it holds so far */
	size_t blob_count;
};

/* Start the archive. The caller owes archive_finish or archive_discard. */
int archive_create(struct archive *archive, const char *path, struct err *err);

/*
 * Copy size bytes at an offset of the file from as the blob of that digest,
 * unless the archive has it.
 */
int archive_copy(struct archive *archive, const struct sum *digest, int from,
		 uint64_t offset, uint64_t size, struct err *err);

/* The layer comes next, from the file's position on. */
int archive_begin_layer(struct archive *archive, struct err *err);

/* The layer is written; one that the archive had already is taken back. */
int archive_end_layer(struct archive *archive, const struct layer *layer,
		      struct err *err);

/* Of an image for several platforms: one platform's config and manifest. */
int archive_add(struct archive *archive, const struct manifest *manifest,
		struct err *err);

/*
 * All layers are in: add the rest, without a manifest.json where that is empty,
 * and give the file its name.
 */
int archive_finish(struct archive *archive, const struct manifest *manifest,
		   struct err *err);

/* Remove what was written. Harmless after archive_finish. */
void archive_discard(struct archive *archive);

#endif
