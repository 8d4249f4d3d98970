#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/tar.h"
#include "image/reader.h"
#include "image/scan.h"
#include "tests/unit/archive.h"

/* Read and scan an archive of these bytes. */
static int scan(struct scan *out, const struct buf *tar, struct err *err)
{
	struct reader reader;
	struct reader_image image = { 0 };

	*out = (struct scan){ 0 };
	int result = open_archive(&reader, &image, tar, err);

	if (result == 0)
		result = scan_image(out, &reader, &image, err);
	reader_image_free(&image);
	reader_close(&reader);
	return result;
}

#define CONF "etc/pith/service.conf"

/*
 * Two layers; whether the service.conf of the first is still there, and what
 * it holds.
 */
static const struct {
	const char *upper; /* an entry of the second layer */
	const char *conf;  /* NULL: gone */
} upper_layers[] = {
	{ "srv/x", "first" },
	{ CONF, "second" },
	{ "./" CONF, "second" },
	{ "/" CONF, "second" },
	{ "etc/pith/.wh.service.conf", NULL },
	{ "etc/.wh.pith", NULL },
	{ ".wh.etc", NULL },
	{ "etc/pith/.wh..wh..opq", NULL },
	{ "etc/.wh..wh..opq", NULL },
	{ ".wh..wh..opq", NULL },
	{ "etc/.wh.pit", "first" },
	{ "etc/.wh.pith2", "first" },
	{ "usr/.wh.pith", "first" },
	{ "usr/.wh..wh..opq", "first" },
	{ "etc/pith/.wh.service.con", "first" },
};

static void upper_layers_replace_and_delete(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(upper_layers) / sizeof(upper_layers[0]);
	     i++) {
		struct buf layers[2] = { 0 };
		auto_buf struct buf tar = { 0 };
		struct scan found;
		struct err err;

		add_text(&layers[0], CONF, "first");
		add_text(&layers[1], upper_layers[i].upper, "second");
		make_archive(&tar, layers, 2);
		if (scan(&found, &tar, &err) < 0)
			fail_msg("%s", err.text);
		if (found.conf.is_there != !!upper_layers[i].conf)
			fail_msg("%s", upper_layers[i].upper);
		if (upper_layers[i].conf)
			assert_string_equal(found.conf.bytes.at,
					    upper_layers[i].conf);
		assert_false(found.filter.is_there);
		assert_int_equal(found.layers[0].entries, 1);
		scan_free(&found);
		buf_free(&layers[0]);
		buf_free(&layers[1]);
	}
}

/* An archive of these members, which must be refused with this message. */
static void expect_refusal(const struct buf *tar, const char *message)
{
	struct scan found;
	struct err err;

	if (scan(&found, tar, &err) == 0)
		fail_msg("accepted, expected: %s", message);
	scan_free(&found);
	if (!strstr(err.text, message))
		fail_msg("'%s', expected '%s'", err.text, message);
}

#define ZERO64 \
	"0000000000000000000000000000000000000000000000000000000000000000"
#define BLOB "blobs/sha256/" ZERO64

static void hostile_archives_are_refused(void **state)
{
	static const struct {
		const char *path, *text;
		const char *path2, *text2;
		const char *message;
	} cases[] = {
		{ "x", "", NULL, NULL, "no image archive" },
		{ "a", "1", "./a", "2", "a: twice in the archive" },
		{ "manifest.json", "[", NULL, NULL, "manifest.json: line 1: " },
		{ "manifest.json", "[]", NULL, NULL, "lists no image" },
		{ "manifest.json", "{}", NULL, NULL, "lists no image" },
		{ "manifest.json", "[{}]", NULL, NULL,
		  "its Config is not in the archive" },
		{ "manifest.json", "[{\"Config\":\"../c\"}]", NULL, NULL,
		  "its Config is not in the archive" },
		{ "manifest.json", "[{\"Config\":\"c\",\"Config\":\"d\"}]",
		  NULL, NULL, "duplicate object key" },
		{ "manifest.json", "[{\"Config\":\"c\",\"Layers\":[\"l\"]}]",
		  "c", "{}", "1 layers, the config says 0" },
		{ "manifest.json", "[{\"Config\":\"c\",\"Layers\":[\"l\"]}]",
		  "c", "{\"rootfs\":{\"diff_ids\":[\"md5:1\"]}}",
		  "no sha256 digest" },
		{ "manifest.json", "[{\"Config\":\"c\",\"Layers\":[\"l\"]}]",
		  "c", "{\"rootfs\":{\"diff_ids\":[\"sha256:" ZERO64 "\"]}}",
		  "layer 0 is not in the archive" },
		{ "manifest.json", "[{\"Config\":\"" ZERO64 ".json\"}]",
		  ZERO64 ".json", "{}", "do not have the digest" },
		{ "index.json", "{}", NULL, NULL, "lists no image" },
		{ "index.json", "{\"manifests\":[]}", NULL, NULL,
		  "lists no image" },
		{ "index.json", "{\"manifests\":[{}]}", NULL, NULL,
		  "without a sha256 digest" },
		{ "index.json",
		  "{\"manifests\":[{\"digest\":\"sha256:../../../../../etc\"}]}",
		  NULL, NULL, "without a sha256 digest" },
		{ "index.json",
		  "{\"manifests\":[{\"digest\":\"sha256:" ZERO64 "\"}]}", NULL,
		  NULL, "without a size" },
		{ "index.json",
		  "{\"manifests\":[{\"size\":-1,\"digest\":\"sha256:" ZERO64
		  "\"}]}",
		  NULL, NULL, "without a size" },
		{ "index.json",
		  "{\"manifests\":[{\"size\":2,\"digest\":\"sha256:" ZERO64
		  "\"}]}",
		  NULL, NULL, "missing from the archive" },
		{ "index.json",
		  "{\"manifests\":[{\"size\":2,\"digest\":\"sha256:" ZERO64
		  "\"}]}",
		  BLOB, "{ }", "3 bytes, its descriptor says 2" },
		{ "index.json",
		  "{\"manifests\":[{\"size\":2,\"digest\":\"sha256:" ZERO64
		  "\"}]}",
		  BLOB, "{}", "do not have the digest" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_buf struct buf tar = { 0 };

		add_text(&tar, cases[i].path, cases[i].text);
		if (cases[i].path2)
			add_text(&tar, cases[i].path2, cases[i].text2);
		expect_refusal(&tar, cases[i].message);
	}
}

/* Each bit of a good archive flipped: refused, or of no consequence. */
static void a_layer_must_have_its_diff_id(void **state)
{
	auto_buf struct buf layer = { 0 }, tar = { 0 };

	(void)state;
	add_text(&layer, "a", "some text");
	make_archive(&tar, &layer, 1);
	/* The layer's only data block lies behind two headers. */
	tar.at[1024] ^= 1;
	expect_refusal(&tar, "layer 0: its contents do not have the diff_id");
	tar.at[1024] ^= 1;
	tar.len = 1024 + 100;
	expect_refusal(&tar, "truncated archive");
}

static void what_is_no_archive_says_what_it_is(void **state)
{
	static const char gzip[600] = "\x1f\x8b";
	static const char zstd[600] = "\x28\xb5\x2f\xfd";
	auto_buf struct buf tar = { 0 };

	(void)state;
	expect_refusal(&tar, "an empty archive");
	buf_add(&tar, gzip, sizeof(gzip));
	expect_refusal(&tar, "gunzip it first");
	tar.len = 0;
	buf_add(&tar, zstd, sizeof(zstd));
	expect_refusal(&tar, "unzstd it first");
}

/* docker save links equal layers: "1/layer.tar" to "../0/layer.tar". */
static void linked_layers_are_followed_once(void **state)
{
	auto_buf struct buf layer = { 0 }, tar = { 0 }, text = { 0 };
	struct scan found;
	struct err err;

	(void)state;
	add_text(&layer, "a", "1");
	add(&tar, TAR_FILE, "0/layer.tar", buf_slice(&layer));
	add(&tar, TAR_SYMLINK, "1/layer.tar", SLICE("../0/layer.tar"));
	buf_fmt(&text, "{\"rootfs\":{\"diff_ids\":[\"%s\",\"%s\"]}}",
		sum_of(buf_slice(&layer)).text, sum_of(buf_slice(&layer)).text);
	add_text(&tar, "c", text.at);
	add_text(&tar, "manifest.json",
		 "[{\"Config\":\"c\",\"Layers\":[\"0/layer.tar\","
		 "\"1/layer.tar\"]}]");
	if (scan(&found, &tar, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(found.count, 2);
	scan_free(&found);
	tar.len = 0;
	add(&tar, TAR_SYMLINK, "manifest.json", SLICE("manifest.json"));
	expect_refusal(&tar, "no image archive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(upper_layers_replace_and_delete),
		cmocka_unit_test(hostile_archives_are_refused),
		cmocka_unit_test(a_layer_must_have_its_diff_id),
		cmocka_unit_test(what_is_no_archive_says_what_it_is),
		cmocka_unit_test(linked_layers_are_followed_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
