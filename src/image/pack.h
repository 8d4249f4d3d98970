#ifndef IMAGE_PACK_H
#define IMAGE_PACK_H

/*
 * pack: chunks compressed by as many threads as there are processors and the
 * codec allows, and written in the order in which they were submitted.
 *
 *	buffer = pack_buffer(pool)	fill with up to chunk bytes, then
 *	pack_submit(pool, len)		hand it over; repeat
 *	pack_finish(pool)		wait for all of them
 *
 * The threads only compress: what they made comes back through the sink, on the
 * caller's thread. A single chunk starts no thread at all.
 */
#include <stddef.h>

struct codec;
struct err;
struct pack;

struct pack_sink {
	int (*write)(void *to, const void *data, size_t len, struct err *err);
	void *to;
};

/* NULL with *err filled for a level that the codec does not have. */
struct pack *pack_new(const struct codec *codec, struct pack_sink sink,
		      struct err *err);
void pack_free(struct pack *pool);

/* The free buffer of chunk bytes to fill next; may write others out. */
int pack_buffer(void **buffer, struct pack *pool, struct err *err);

/* Compress the first len bytes of that buffer. */
int pack_submit(struct pack *pool, size_t len, struct err *err);

/* Compress and write what is left. At least one chunk has been written. */
int pack_finish(struct pack *pool, struct err *err);

#endif
