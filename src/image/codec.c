#include "image/codec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"

enum {
	/* From here on libdeflate's compressor is 9 MB rather than 0.3. */
	GZIP_BIG = 10,
	/* Above it zstd's tables are 7 MB and more, unless they are held. */
	ZSTD_LIGHT = 3,
	ZSTD_CHAIN_LOG = 20,
	ZSTD_HASH_LOG = 18,
};

/* What each kind is called and how far it goes. */
static const struct kind {
	const char *name;
	const char *media_type;
	const char *suffix; /* of other media types */
	size_t chunk;
	int fast, usual, small; /* levels */
	int lowest, highest;
} kinds[] = {
	[CODEC_GZIP] = { "gzip", "application/vnd.oci.image.layer.v1.tar+gzip",
			 "gzip", CODEC_GZIP_CHUNK, 1, 5, 12, 0, 12 },
	[CODEC_ZSTD] = { "zstd", "application/vnd.oci.image.layer.v1.tar+zstd",
			 "zstd", CODEC_ZSTD_CHUNK, 1, 3, 19, 1, 19 },
	[CODEC_NONE] = { "none", "application/vnd.oci.image.layer.v1.tar", NULL,
			 CODEC_GZIP_CHUNK, 0, 0, 0, 0, 0 },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct codec_work {
	struct libdeflate_compressor *gzip;
	ZSTD_CCtx *zstd;
};

struct codec codec_default(void)
{
	return (struct codec){ CODEC_GZIP, kinds[CODEC_GZIP].usual, NULL };
}

static int parse_kind(struct codec *out, const char *text, struct err *err)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(text, kinds[i].name) == 0) {
			*out = (struct codec){ (enum codec_kind)i,
					       kinds[i].usual, NULL };
			return 0;
		}
	}
	return err_set(err, 0, "%s: not gzip, zstd or none", text);
}

static int parse_level(struct codec *out, const char *text, struct err *err)
{
	const struct kind *kind = &kinds[out->kind];
	uint32_t level;

	if (out->kind == CODEC_NONE)
		return err_set(err, 0,
			       "%s: what is not compressed has no level", text);
	if (strcmp(text, "fast") == 0)
		out->level = kind->fast;
	else if (strcmp(text, "default") == 0)
		out->level = kind->usual;
	else if (strcmp(text, "small") == 0)
		out->level = kind->small;
	else if (num_u32(&level, slice_from(text)) &&
		 level >= (uint32_t)kind->lowest &&
		 level <= (uint32_t)kind->highest)
		out->level = (int)level;
	else
		return err_set(err, 0,
			       "%s: a level of %s is fast, default, small or "
			       "%d to %d",
			       text, kind->name, kind->lowest, kind->highest);
	return 0;
}

int codec_parse(struct codec *out, const char *kind, const char *level,
		struct err *err)
{
	*out = codec_default();
	if (kind && parse_kind(out, kind, err) < 0)
		return -1;
	return level ? parse_level(out, level, err) : 0;
}

size_t codec_chunk(const struct codec *codec)
{
	return kinds[codec->kind].chunk;
}

size_t codec_workers(const struct codec *codec)
{
	switch (codec->kind) {
	case CODEC_GZIP:
		return codec->level < GZIP_BIG ? 3 : 1;
	case CODEC_ZSTD:
		return codec->level <= ZSTD_LIGHT ? 2 : 1;
	default:
		return 1;
	}
}

enum codec_kind codec_detect(const unsigned char *magic, size_t len)
{
	if (len > 2 && magic[0] == 0x1f && magic[1] == 0x8b)
		return CODEC_GZIP;
	if (len >= CODEC_MAGIC && memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0)
		return CODEC_ZSTD;
	return CODEC_NONE;
}

const char *codec_name(enum codec_kind kind)
{
	return kind == CODEC_NONE ? "not compressed" : kinds[kind].name;
}

const char *codec_media_type(enum codec_kind kind)
{
	return kinds[kind].media_type;
}

enum codec_kind codec_of_type(const char *media_type)
{
	size_t len = strlen(media_type);

	for (size_t i = 0; i < CODEC_NONE; i++) {
		size_t n = strlen(kinds[i].suffix);

		if (len > n &&
		    strcmp(media_type + len - n, kinds[i].suffix) == 0)
			return (enum codec_kind)i;
	}
	return CODEC_NONE;
}

const void *codec_library(enum codec_kind kind)
{
	return kind == CODEC_ZSTD
		       ? (const void *)(uintptr_t)ZSTD_compress2
		       : (const void *)(uintptr_t)libdeflate_gzip_compress;
}

/* The chunk is the window; nothing of it names this machine or program. */
static bool set_zstd(ZSTD_CCtx *zstd, int level)
{
	if (ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel,
						level)))
		return false;
	if (level <= ZSTD_LIGHT)
		return true;
	return !ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_chainLog,
						    ZSTD_CHAIN_LOG)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_hashLog,
						    ZSTD_HASH_LOG));
}

struct codec_work *codec_open(const struct codec *codec, struct err *err)
{
	struct codec_work *work = mem_new(1, sizeof(*work));

	if (codec->kind == CODEC_GZIP)
		work->gzip = libdeflate_alloc_compressor(codec->level);
	if (codec->kind == CODEC_ZSTD)
		work->zstd = ZSTD_createCCtx();
	if (work->gzip || (work->zstd && set_zstd(work->zstd, codec->level)))
		return work;
	codec_close(work);
	err_set(err, 0, "no compressor of level %d", codec->level);
	return NULL;
}

void codec_close(struct codec_work *work)
{
	if (!work)
		return;
	libdeflate_free_compressor(work->gzip);
	ZSTD_freeCCtx(work->zstd);
	free(work);
}

size_t codec_bound(const struct codec_work *work, size_t chunk)
{
	return work->gzip ? libdeflate_gzip_compress_bound(work->gzip, chunk)
			  : ZSTD_compressBound(chunk);
}

size_t codec_run(struct codec_work *work, void *out, size_t cap, const void *in,
		 size_t len)
{
	if (work->gzip)
		return libdeflate_gzip_compress(work->gzip, in, len, out, cap);
	size_t n = ZSTD_compress2(work->zstd, out, cap, in, len);

	return ZSTD_isError(n) ? 0 : n;
}
