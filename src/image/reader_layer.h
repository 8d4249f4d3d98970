#ifndef IMAGE_READER_LAYER_H
#define IMAGE_READER_LAYER_H

/*
 * reader_layer: the entries of an archive's layer, decompressed as they are
 * read. Memory is bounded by buffers and zstd's window, and time by the
 * archive's size: deflate cannot pack more than 1,032 to 1, and zstd, which
 * can, is held to that beyond READER_LAYER_FREE.
 */
#include <stdbool.h>
#include <stdint.h>

#include <zlib.h>
#include <zstd.h>

#include "data/tar.h"
#include "image/codec.h"
#include "image/sum.h"

struct err;
struct reader;
struct reader_layer_info;

enum {
	READER_LAYER_WINDOW_LOG = 23, /* 8 MB; what every decoder should take */
	READER_LAYER_RATIO = 1032,
};

/* Bytes of tar that the smallest of layers may become. */
#define READER_LAYER_FREE (UINT64_C(1) << 30)

struct reader_layer {
	const struct reader *reader;
	const struct reader_layer_info *info;
	struct tar_reader tar;
	enum codec_kind kind;
	bool is_done; /* the last gzip member has ended */
	z_stream zlib;
	ZSTD_DStream *zstd;
	ZSTD_inBuffer zstd_in;
	bool in_frame;	 /* zstd wants more of one */
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
