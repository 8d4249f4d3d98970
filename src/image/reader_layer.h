#ifndef IMAGE_READER_LAYER_H
#define IMAGE_READER_LAYER_H

/*
 * reader_layer: the entries of an archive's layer, decompressed as they are
 * read. Deflate cannot pack more than 1,032 to 1, so time is bounded by the
 * archive's size, and memory by a buffer.
 */
#include <stdbool.h>
#include <stdint.h>

#include <zlib.h>

#include "data/tar.h"
#include "image/sum.h"

struct err;
struct reader;
struct reader_layer_info;

struct reader_layer {
	const struct reader *reader;
	const struct reader_layer_info *info;
	struct tar_reader tar;
	bool is_gzip;
	bool is_done; /* the last gzip member has ended */
	z_stream zlib;
	uint64_t offset; /* of the next packed byte in the archive */
	uint64_t left;	 /* packed bytes not read yet */
	uint64_t raw_size;
	struct sha256_ctx packed_sum;
	struct sha256_ctx raw_sum;
	uint8_t *input;
};

/*
 * Start reading; layer->tar serves tar_next() and tar_data(). It must not
 * move afterwards. On success the caller owes reader_layer_close().
 */
int reader_layer_open(struct reader_layer *layer, const struct reader *reader,
		      const struct reader_layer_info *info, struct err *err);

/* Read the rest, which gives the digests of the packed bytes and of the tar. */
int reader_layer_sums(struct sum *packed, struct sum *raw,
		      struct reader_layer *layer, struct err *err);

/* Read the rest; fail unless digest and diff_id are what they should be. */
int reader_layer_finish(struct reader_layer *layer, struct err *err);

void reader_layer_close(struct reader_layer *layer);

#endif
