#ifndef IMAGE_DEFLATE_H
#define IMAGE_DEFLATE_H

/*
 * deflate: chunks to gzip members, by as many threads as there are
 * processors, in the order in which they were submitted.
 *
 *	buffer = deflate_buffer(pool)	fill with up to chunk bytes, then
 *	deflate_submit(pool, len)	hand it over; repeat
 *	deflate_finish(pool)		wait for all of them
 *
 * The threads only compress: finished members come back through the sink, on
 * the caller's thread. A single chunk starts no thread at all.
 */
#include <stddef.h>

struct deflate;
struct err;

struct deflate_sink {
	int (*write)(void *to, const void *data, size_t len, struct err *err);
	void *to;
};

/* Returns NULL with *err filled for a level that libdeflate does not have. */
struct deflate *deflate_new(size_t chunk, int level, struct deflate_sink sink,
			    struct err *err);
void deflate_free(struct deflate *pool);

/* The free buffer of chunk bytes to fill next; may write members out. */
int deflate_buffer(void **buffer, struct deflate *pool, struct err *err);

/* Compress the first len bytes of that buffer. */
int deflate_submit(struct deflate *pool, size_t len, struct err *err);

/* Compress and write what is left. At least one member has been written. */
int deflate_finish(struct deflate *pool, struct err *err);

#endif
