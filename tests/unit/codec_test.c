#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zstd.h>

#include "base/err.h"
#include "image/codec.h"

static const struct row {
	const char *kind, *level;
	enum codec_kind expected;
	int number;
} good[] = {
	{ NULL, NULL, CODEC_GZIP, 5 },
	{ NULL, "fast", CODEC_GZIP, 1 },
	{ "gzip", "small", CODEC_GZIP, 12 },
	{ "gzip", "0", CODEC_GZIP, 0 },
	{ "zstd", NULL, CODEC_ZSTD, 3 },
	{ "zstd", "small", CODEC_ZSTD, 19 },
	{ "zstd", "7", CODEC_ZSTD, 7 },
	{ "none", NULL, CODEC_NONE, 0 },
};

static const struct row bad[] = {
	{ "bzip2", NULL, 0, 0 }, { "", NULL, 0, 0 },	{ NULL, "", 0, 0 },
	{ NULL, "-1", 0, 0 },	 { NULL, "13", 0, 0 },	{ "zstd", "20", 0, 0 },
	{ "zstd", "0", 0, 0 },	 { "none", "1", 0, 0 },
};

static void kinds_and_levels_by_name_and_number(void **state)
{
	struct codec codec;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(
			codec_parse(&codec, good[i].kind, good[i].level, &err),
			0);
		assert_int_equal(codec.kind, good[i].expected);
		assert_int_equal(codec.level, good[i].number);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			codec_parse(&codec, bad[i].kind, bad[i].level, &err),
			-1);
}

static void layers_are_told_by_magic_and_type(void **state)
{
	(void)state;
	assert_int_equal(codec_detect((const unsigned char *)"\x1f\x8b\x08", 3),
			 CODEC_GZIP);
	assert_int_equal(codec_detect((const unsigned char *)"\x1f\x8b", 2),
			 CODEC_NONE);
	assert_int_equal(
		codec_detect((const unsigned char *)"\x28\xb5\x2f\xfd", 4),
		CODEC_ZSTD);
	assert_int_equal(
		codec_detect((const unsigned char *)"\x28\xb5\x2f\xfd", 3),
		CODEC_NONE);
	for (enum codec_kind kind = CODEC_GZIP; kind <= CODEC_NONE; kind++)
		assert_int_equal(codec_of_type(codec_media_type(kind)), kind);
	assert_int_equal(codec_of_type("application/vnd.docker.image.rootfs."
				       "diff.tar.gzip"),
			 CODEC_GZIP);
}

/* A frame says its size, and nothing of who made it. */
static void chunks_are_whole_frames(void **state)
{
	static char in[CODEC_ZSTD_CHUNK], out[CODEC_ZSTD_CHUNK];
	struct err err;

	(void)state;
	for (int level = 1; level <= 19; level++) {
		struct codec codec = { .kind = CODEC_ZSTD, .level = level };
		struct codec_work *work = codec_open(&codec, &err);

		assert_non_null(work);
		size_t cap = codec_bound(work, sizeof(in));
		char *packed = malloc(cap);

		for (size_t i = 0; i < sizeof(in); i++)
			in[i] = (char)(i * i >> 5);
		size_t n = codec_run(work, packed, cap, in, sizeof(in));

		assert_true(n > 0 && n < sizeof(in));
		assert_int_equal(ZSTD_getFrameContentSize(packed, n),
				 sizeof(in));
		assert_int_equal(ZSTD_decompress(out, sizeof(out), packed, n),
				 sizeof(in));
		assert_memory_equal(in, out, sizeof(in));
		free(packed);
		codec_close(work);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_and_levels_by_name_and_number),
		cmocka_unit_test(layers_are_told_by_magic_and_type),
		cmocka_unit_test(chunks_are_whole_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
