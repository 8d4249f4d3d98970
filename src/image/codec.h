#ifndef IMAGE_CODEC_H
#define IMAGE_CODEC_H

/*
 * codec: how a layer is compressed. A layer is cut into chunks of a fixed size,
 * each compressed for itself, so that any number of them can be worked on at
 * once and the bytes depend on neither threads nor timing: gzip members (RFC
 * 1952, 2.2) or zstd frames (RFC 8878, 3), whose sequence is what one of them
 * would be.
 */
#include <stddef.h>

struct cache;
struct err;

enum codec_kind { CODEC_GZIP, CODEC_ZSTD, CODEC_NONE };

enum {
	CODEC_GZIP_CHUNK = 1536 * 1024,
	/* What a window does not reach is lost: more than gzip's 32 KB here. */
	CODEC_ZSTD_CHUNK = 2 * 1024 * 1024,
	CODEC_MAGIC = 4,
};

struct codec {
	enum codec_kind kind;
	int level;
	struct cache *cache; /* to look chunks up in, or NULL */
};

/* Unless somebody wants another: gzip, which every engine reads. */
struct codec codec_default(void);

/*
 * Read a kind ("gzip", "zstd", "none") and a level ("fast", "default",
 * "small", or a number that the kind has); either may be NULL.
 */
int codec_parse(struct codec *out, const char *kind, const char *level,
		struct err *err);

/* Bytes of a chunk. */
size_t codec_chunk(const struct codec *codec);

/* How many chunks may be compressed at once for a build to stay below 16 MB. */
size_t codec_workers(const struct codec *codec);

/* By the first bytes of a layer, which may be fewer. */
enum codec_kind codec_detect(const unsigned char *magic, size_t len);

/* As messages have it: "gzip", and "not compressed". */
const char *codec_name(enum codec_kind kind);

/* The OCI media type of a layer. */
const char *codec_media_type(enum codec_kind kind);

/* The kind that a layer's media type, OCI's or docker's, says. */
enum codec_kind codec_of_type(const char *media_type);

/* Where in memory the library of the kind is. */
const void *codec_library(enum codec_kind kind);

/* A compressor for one chunk at a time; of CODEC_NONE there is none. */
struct codec_work;
struct codec_work *codec_open(const struct codec *codec, struct err *err);
void codec_close(struct codec_work *work);

/* How many bytes a chunk may become, at the worst. */
size_t codec_bound(const struct codec_work *work, size_t chunk);

/*
 * Compress a whole chunk into out, of cap bytes, which hold its bound: the
 * number of bytes, or 0 where the library failed.
 */
size_t codec_run(struct codec_work *work, void *out, size_t cap, const void *in,
		 size_t len);

#endif
