#ifndef IMAGE_LAYER_H
#define IMAGE_LAYER_H

/*
 * layer: a plan, or the part of it that one layer holds, as a compressed tar
 * stream.
 *
 * The stream is cut into chunks of fixed size, each a gzip member of its own
 * (RFC 1952, 2.2), so chunks compress in parallel while the bytes depend on
 * neither the number of threads nor their timing. Memory is bounded by the
 * chunks in flight, whatever the input.
 */
#include <stddef.h>
#include <stdint.h>

#include "image/sum.h"

struct err;
struct plan;

enum {
	LAYER_CHUNK = 1024 * 1024, /* raw bytes a member */
	LAYER_LEVEL = 6,
	LAYER_LEVEL_MAX = 12,
};

struct layer {
	struct sum diff_id; /* of the uncompressed tar */
	struct sum digest;  /* of what was written */
	uint64_t size;	    /* bytes written */
	uint64_t raw_size;  /* bytes of the tar */
};

/*
 * Write what of the finished plan stands in any of the layers, bits of enum
 * plan_layer, to fd, from its position on. level is libdeflate's, 0 to 12. Fails when a file is no longer the one that was planned.
 */
int layer_write(struct layer *out, int fd, const struct plan *plan,
		unsigned int layers, int level, struct err *err);

#endif
