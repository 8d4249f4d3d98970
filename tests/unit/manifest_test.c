#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "base/err.h"
#include "image/layer.h"
#include "image/manifest.h"
#include "image/recipe.h"
#include "image/stack.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C64 "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static const struct layer layer = {
	.diff_id = { "sha256:" A64 },
	.digest = { "sha256:" B64 },
	.size = 1234,
};
static const struct sum filter = { "sha256:" C64 };

static void make(struct manifest *out, const char *source)
{
	static const struct stack stack = { .count = 1 };
	static char text[4096];
	struct recipe recipe;
	struct err err;

	strcpy(text, source);
	if (recipe_parse(&recipe, text, strlen(text), "dir/x.pith", &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(
		manifest_make(out, &recipe, &stack, &layer, &filter, &err), 0);
	recipe_free(&recipe);
}

static void a_full_config_is_written_to_the_byte(void **state)
{
	struct manifest m;

	(void)state;
	make(&m, "[Image]\nName=ghcr.io/a/b\nTag=2\nPlatforms=linux/arm64\n"
		 "Expose=8080 53/udp\nVolume=/data\nLabel=z=1\n"
		 "Label=a=\"q\"\n[Service]\nExecStart=/app/x -p '80 90'\n"
		 "User=1:2\nEnvironment=B=1 A=2\nWorkingDirectory=/data\n");
	assert_string_equal(
		m.config.at,
		"{\"architecture\":\"arm64\",\"config\":{"
		"\"Cmd\":[\"-p\",\"80 90\"],"
		"\"Entrypoint\":[\"/init\",\"--\",\"/app/x\"],"
		"\"Env\":[\"B=1\",\"A=2\"],"
		"\"ExposedPorts\":{\"53/udp\":{},\"8080/tcp\":{}},"
		"\"Labels\":{\"a\":\"\\\"q\\\"\","
		"\"pith.filter.status\":\"listed\",\"z\":\"1\"},"
		"\"StopSignal\":\"SIGTERM\",\"User\":\"1:2\","
		"\"Volumes\":{\"/data\":{}},\"WorkingDir\":\"/data\"},"
		"\"created\":\"1970-01-01T00:00:00Z\","
		"\"history\":[{\"created\":\"1970-01-01T00:00:00Z\","
		"\"created_by\":\"pith build\"}],\"os\":\"linux\","
		"\"rootfs\":{\"diff_ids\":[\"sha256:" A64 "\"],"
		"\"type\":\"layers\"},\"variant\":\"v8\"}");
	manifest_free(&m);
}

static void a_small_config_has_no_empty_members(void **state)
{
	struct manifest m;

	(void)state;
	make(&m, "[Image]\nPlatforms=linux/amd64\n"
		 "[Service]\nExecStart=/app/x\n");
	assert_non_null(strstr(
		m.config.at,
		"\"config\":{\"Entrypoint\":[\"/init\",\"--\",\"/app/x\"],"
		"\"Labels\":{\"pith.filter.status\":\"listed\"},"
		"\"StopSignal\":\"SIGTERM\",\"User\":\"65532:65532\"}"));
	assert_null(strstr(m.config.at, "variant"));
	manifest_free(&m);
}

static void manifest_and_index_name_what_they_describe(void **state)
{
	struct manifest m;
	auto_buf struct buf expected = { 0 };

	(void)state;
	make(&m, "[Image]\nName=a/b\nTag=2\nPlatforms=linux/amd64\n"
		 "[Service]\nExecStart=/app/x\n");
	assert_string_equal(m.config_sum.text,
			    sum_of(buf_slice(&m.config)).text);
	buf_fmt(&expected,
		"{\"annotations\":{\"org.opencontainers.image.title\":"
		"\"b\",\"org.opencontainers.image.version\":\"2\","
		"\"pith.filter.digest\":\"sha256:" C64
		"\",\"pith.filter.status\":\"listed\"},\"config\":{\"digest\":\"%s\",\"mediaType\":"
		"\"application/vnd.oci.image.config.v1+json\",\"size\":%zu},"
		"\"layers\":[{\"digest\":\"sha256:" B64 "\",\"mediaType\":"
		"\"application/vnd.oci.image.layer.v1.tar+gzip\","
		"\"size\":1234}],\"mediaType\":"
		"\"application/vnd.oci.image.manifest.v1+json\","
		"\"schemaVersion\":2}",
		m.config_sum.text, m.config.len);
	assert_string_equal(m.manifest.at, expected.at);
	expected.len = 0;
	buf_fmt(&expected,
		"{\"manifests\":[{\"annotations\":{"
		"\"io.containerd.image.name\":\"docker.io/a/b:2\","
		"\"org.opencontainers.image.ref.name\":\"2\"},"
		"\"digest\":\"%s\",\"mediaType\":"
		"\"application/vnd.oci.image.manifest.v1+json\","
		"\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"},"
		"\"size\":%zu}],\"mediaType\":"
		"\"application/vnd.oci.image.index.v1+json\","
		"\"schemaVersion\":2}",
		sum_of(buf_slice(&m.manifest)).text, m.manifest.len);
	assert_string_equal(m.index.at, expected.at);
	expected.len = 0;
	buf_fmt(&expected,
		"[{\"Config\":\"blobs/sha256/%s\",\"Layers\":["
		"\"blobs/sha256/" B64 "\"],\"RepoTags\":[\"a/b:2\"]}]",
		sum_hex(&m.config_sum));
	assert_string_equal(m.docker.at, expected.at);
	manifest_free(&m);
}

/* Equal layers are one blob that the manifest names twice. */
static void each_layer_has_its_line_of_history(void **state)
{
	static const struct layer layers[2] = {
		{ .diff_id = { "sha256:" A64 }, .digest = { "sha256:" B64 } },
		{ .diff_id = { "sha256:" C64 }, .digest = { "sha256:" A64 } },
	};
	static const struct stack stack = {
		2, { 1U << PLAN_BASE, 1U << PLAN_LIBRARY | 1U << PLAN_PROGRAM }
	};
	char text[] = "[Service]\nExecStart=/app/x\n";
	struct recipe recipe;
	struct manifest m;
	struct err err;

	(void)state;
	assert_int_equal(
		recipe_parse(&recipe, text, strlen(text), "x.pith", &err), 0);
	assert_int_equal(
		manifest_make(&m, &recipe, &stack, layers, &filter, &err), 0);
	assert_non_null(
		strstr(m.config.at, "\"created_by\":\"pith build: base\"},{"));
	assert_non_null(strstr(m.config.at,
			       "\"created_by\":\"pith build: program\"}]"));
	assert_non_null(
		strstr(m.config.at, "[\"sha256:" A64 "\",\"sha256:" C64 "\"]"));
	assert_non_null(strstr(m.docker.at, "[\"blobs/sha256/" B64
					    "\",\"blobs/sha256/" A64 "\"]"));
	manifest_free(&m);
	recipe_free(&recipe);
}

static void the_order_of_sets_in_the_recipe_does_not_show(void **state)
{
	struct manifest a, b;

	(void)state;
	make(&a, "[Image]\nLabel=x=1\nLabel=y=2\nExpose=1 2\nVolume=/a /b\n"
		 "[Service]\nExecStart=/app/x\n");
	make(&b, "[Service]\nExecStart=/app/x\n[Image]\nVolume=/b\n"
		 "Expose=2\nLabel=y=2\nLabel=x=1\nExpose=1\nVolume=/a\n");
	assert_string_equal(a.index.at, b.index.at);
	manifest_free(&a);
	manifest_free(&b);
}

static void digests_have_one_spelling(void **state)
{
	(void)state;
	assert_string_equal(sum_of(SLICE("abc")).text,
			    "sha256:ba7816bf8f01cfea414140de5dae2223"
			    "b00361a396177a9cb410ff61f20015ad");
	assert_true(sum_is_valid("sha256:" A64));
	assert_false(sum_is_valid("sha256:" A64 "a"));
	assert_false(sum_is_valid("sha512:" A64));
	assert_false(sum_is_valid("sha256:../" A64));
	assert_false(sum_is_valid("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
				  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
	assert_false(sum_is_valid(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_config_is_written_to_the_byte),
		cmocka_unit_test(a_small_config_has_no_empty_members),
		cmocka_unit_test(manifest_and_index_name_what_they_describe),
		cmocka_unit_test(each_layer_has_its_line_of_history),
		cmocka_unit_test(the_order_of_sets_in_the_recipe_does_not_show),
		cmocka_unit_test(digests_have_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
