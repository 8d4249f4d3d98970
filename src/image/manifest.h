#ifndef IMAGE_MANIFEST_H
#define IMAGE_MANIFEST_H

/*
 * manifest: the JSON of an image with one layer: OCI config, manifest and
 * index, and docker's manifest.json. Keys are sorted and no time, host or
 * version is in them, so equal recipes give equal bytes.
 */
#include "base/buf.h"
#include "image/sum.h"

struct err;
struct layer;
struct recipe;

struct manifest {
	struct buf config;
	struct buf manifest;
	struct buf index;  /* index.json */
	struct buf docker; /* manifest.json */
	struct sum config_sum;
	struct sum manifest_sum;
};

/*
 * Make all four. filter is the digest of service.bpf. The caller owes
 * manifest_free(), also after a failure.
 */
int manifest_make(struct manifest *out, const struct recipe *recipe,
		  const struct layer *layer, const struct sum *filter,
		  struct err *err);
void manifest_free(struct manifest *manifest);

/* Append "blobs/sha256/DIGITS", where the archive keeps a blob. */
void manifest_blob_path(struct buf *out, const struct sum *sum);

#endif
