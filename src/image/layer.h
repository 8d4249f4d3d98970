#ifndef IMAGE_LAYER_H
#define IMAGE_LAYER_H

/*
 * layer: a plan, or the part of it that one layer holds, as a compressed tar
 * stream. Memory is bounded by the chunks in flight (codec.h, pack.h), whatever
 * the input.
 */
#include <stddef.h>
#include <stdint.h>

#include "image/codec.h"
#include "image/sum.h"

struct err;
struct plan;

struct layer {
	struct sum diff_id; /* of the uncompressed tar */
	struct sum digest;  /* of what was written */
	uint64_t size;	    /* bytes written */
	uint64_t raw_size;  /* bytes of the tar */
	enum codec_kind kind;
};

/*
 * Write what of the finished plan stands in any of the layers, bits of enum
 * plan_layer, to fd, from its position on. Fails when a file is no longer the
 * one that was planned.
 */
int layer_write(struct layer *out, int fd, const struct plan *plan,
		unsigned int layers, const struct codec *codec,
		struct err *err);

/*
 * The same with a tar of the caller's own: fill hands all of it, with its end,
 * to layer_put().
 */
struct layer_stream;
typedef int layer_fill(void *from, struct layer_stream *stream,
		       struct err *err);
int layer_put(struct layer_stream *stream, const void *data, size_t len,
	      struct err *err);
int layer_write_stream(struct layer *out, int fd, const struct codec *codec,
		       layer_fill *fill, void *from, struct err *err);

#endif
