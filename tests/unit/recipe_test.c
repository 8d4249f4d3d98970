#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "image/name.h"
#include "image/recipe.h"

static char text[RECIPE_MAX + 1];

static int parse(struct recipe *out, const char *source, size_t len,
		 struct err *err)
{
	memset(err, 0, sizeof(*err));
	memcpy(text, source, len);
	return recipe_parse(out, text, len, "x.pith", err);
}

static void read_good(struct recipe *out, const char *source)
{
	struct err err;

	if (parse(out, source, strlen(source), &err) < 0)
		fail_msg("%s", err.text);
}

static void every_image_key_is_read(void **state)
{
	struct recipe r;

	(void)state;
	read_good(&r, "[Image]\nName=example.org:5000/a/b\nTag=1.0\n"
		      "Base=static\nPlatforms=linux/arm64\n"
		      "Copy=build/%a/x /app/x\n"
		      "Copy=\"a b\" /etc/ mode=0640 owner=nobody:5\n"
		      "Expose=8080 53/udp\nExpose=9/sctp\nVolume=/data /v\n"
		      "Label=a.b=c = \"d\"\nLabel=e=\n"
		      "Trace=x.%a.policy y\nTrace=z\n"
		      "[Service]\nExecStart=/app/x -v\n");
	assert_string_equal(r.name, "example.org:5000/a/b");
	assert_string_equal(r.tag, "1.0");
	assert_int_equal(r.base, RECIPE_STATIC);
	assert_ptr_equal(r.arch, &arch_aarch64);
	assert_int_equal(r.copy_count, 2);
	assert_string_equal(r.copies[0].source, "build/%a/x");
	assert_false(r.copies[0].has_mode || r.copies[0].owner);
	assert_string_equal(r.copies[1].source, "a b");
	assert_string_equal(r.copies[1].target, "/etc/");
	assert_int_equal(r.copies[1].mode, 0640);
	assert_int_equal(r.copies[1].uid, 65534);
	assert_int_equal(r.copies[1].gid, 5);
	assert_int_equal(r.copies[1].line, 7);
	assert_int_equal(r.traces.count, 3);
	assert_string_equal(r.traces.at[0], "x.%a.policy");
	assert_string_equal(r.traces.at[2], "z");
	assert_int_equal(r.expose.count, 3);
	assert_string_equal(r.expose.at[0], "8080/tcp");
	assert_string_equal(r.expose.at[1], "53/udp");
	assert_int_equal(r.volumes.count, 2);
	assert_string_equal(r.labels.at[0], "a.b=c = \"d\"");
	assert_string_equal(r.labels.at[1], "e=");
	assert_int_equal(r.exec_line, 16);
	recipe_free(&r);
}

static void what_is_not_said_has_a_default(void **state)
{
	struct recipe r;

	(void)state;
	read_good(&r, "[Service]\r\n  ExecStart = /app/x\r\n");
	assert_string_equal(r.name, "localhost/x");
	assert_string_equal(r.tag, "latest");
	assert_int_equal(r.base, RECIPE_SCRATCH);
	assert_ptr_equal(r.arch, arch_host());
	assert_int_equal(r.service.user.id, 65532);
	assert_int_equal(r.service.group.id, 65532);
	recipe_free(&r);
}

static void sections_may_come_back(void **state)
{
	struct recipe r;

	(void)state;
	read_good(&r, "[Service]\nExecStart=/x\n[Image]\nTag=1\n"
		      "[Service]\nEnvironment=A=1\nEnvironment=B=2\n");
	assert_string_equal(r.tag, "1");
	assert_int_equal(r.service.environment.count, 2);
	recipe_free(&r);
}

static void a_lone_program_has_its_recipe(void **state)
{
	static char first[] = "-p", second[] = "80 90";
	char *args[] = { first, second };
	struct recipe r;
	struct err err;

	(void)state;
	assert_int_equal(recipe_lone(&r, "../out/server", args, 2, &err), 0);
	assert_string_equal(r.name, "localhost/server");
	assert_string_equal(r.copies[0].source, "../out/server");
	assert_string_equal(r.copies[0].target, "/app/server");
	assert_int_equal(r.service.exec.count, 3);
	assert_string_equal(r.service.exec.at[0], "/app/server");
	assert_string_equal(r.service.exec.at[2], "80 90");
	assert_int_equal(recipe_check_name(&r, &err), 0);
	recipe_free(&r);
}

static void a_lone_program_must_fit_into_a_line(void **state)
{
	static char newline[] = "a\nUser=0", latin[] = "\xe9", plain[] = "a";
	char *many[SERVICE_WORDS_MAX];
	char *args[] = { newline };
	struct recipe r;
	struct err err;

	(void)state;
	assert_int_equal(recipe_lone(&r, "server", args, 1, &err), -1);
	args[0] = latin;
	assert_int_equal(recipe_lone(&r, "server", args, 1, &err), -1);
	assert_int_equal(recipe_lone(&r, "dir/", NULL, 0, &err), -1);
	assert_int_equal(recipe_lone(&r, "a\nb", NULL, 0, &err), -1);
	for (size_t i = 0; i < SERVICE_WORDS_MAX; i++)
		many[i] = plain;
	assert_int_equal(
		recipe_lone(&r, "server", many, SERVICE_WORDS_MAX, &err), -1);
	assert_int_equal(
		recipe_lone(&r, "server", many, SERVICE_WORDS_MAX - 1, &err),
		0);
	recipe_free(&r);
}

static void a_reference_replaces_name_and_tag(void **state)
{
	static const struct {
		const char *text, *name, *tag;
	} cases[] = {
		{ "a", "a", "latest" },
		{ "a:1", "a", "1" },
		{ "host:5000/a", "host:5000/a", "latest" },
		{ "host:5000/a:1", "host:5000/a", "1" },
		{ "A", NULL, NULL },
		{ "a:", NULL, NULL },
		{ ":1", NULL, NULL },
		{ "a:b/", NULL, NULL },
	};
	struct recipe r;
	struct err err;
	char copy[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		recipe_lone(&r, "Server", NULL, 0, &err);
		strcpy(copy, cases[i].text);
		int result = recipe_set_reference(&r, copy, &err);

		assert_int_equal(result, cases[i].name ? 0 : -1);
		if (cases[i].name) {
			assert_string_equal(r.name, cases[i].name);
			assert_string_equal(r.tag, cases[i].tag);
		}
		recipe_free(&r);
	}
}

static void references_are_written_in_full(void **state)
{
	static const char *const cases[][2] = {
		{ "hello", "docker.io/library/hello:1" },
		{ "user/hello", "docker.io/user/hello:1" },
		{ "localhost/hello", "localhost/hello:1" },
		{ "ghcr.io/a/b", "ghcr.io/a/b:1" },
		{ "host:5000/a", "host:5000/a:1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_buf struct buf full = { 0 };

		name_reference(&full, cases[i][0], "1");
		assert_string_equal(full.at, cases[i][1]);
	}
}

static void utf8_is_judged_to_the_letter(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "", true },
		{ "a\x7f", true },
		{ "\xc3\xa9", true },
		{ "\xe2\x82\xac", true },
		{ "\xf0\x9f\x98\x80", true },
		{ "\xf4\x8f\xbf\xbf", true },
		{ "\x80", false },
		{ "\xc3", false },
		{ "\xc0\xaf", false },
		{ "\xe0\x9f\xbf", false },
		{ "\xed\xa0\x80", false },
		{ "\xf0\x8f\xbf\xbf", false },
		{ "\xf4\x90\x80\x80", false },
		{ "\xff", false },
		{ "\xe2\x82", false },
		{ "\xe2\x28\xa1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(name_is_utf8(slice_from(cases[i].text)),
				 cases[i].good);
}

/* One case of tests/data/recipes.tests: what to refuse and how. */
static void check_case(const char *expected, const struct buf *source)
{
	struct recipe r;
	struct err err;
	char full[ERR_TEXT_SIZE];

	snprintf(full, sizeof(full), "x.pith%s", expected);
	if (parse(&r, buf_slice(source).at, source->len, &err) == 0) {
		recipe_free(&r);
		fail_msg("accepted, expected %s", full);
	}
	if (strcmp(err.text, full) != 0)
		fail_msg("'%s', expected '%s'", err.text, full);
}

/* "\xNN" stands for a byte. */
static void add_line(struct buf *out, const char *line)
{
	for (; *line; line++) {
		if (strncmp(line, "\\x", 2) == 0) {
			char hex[3] = { line[2], line[3], 0 };
			char byte = (char)strtoul(hex, NULL, 16);

			buf_add(out, &byte, 1);
			line += 3;
		} else {
			buf_add(out, line, 1);
		}
	}
}

static void bad_recipes_are_refused_with_file_and_line(void **state)
{
	FILE *file = fopen("tests/data/recipes.tests", "re");
	auto_buf struct buf source = { 0 };
	char line[512], expected[512] = "";
	int count = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "== ", 3) != 0) {
			add_line(&source, line);
			continue;
		}
		if (*expected)
			check_case(expected, &source);
		line[strcspn(line, "\n")] = '\0';
		strcpy(expected, line + 3);
		source.len = 0;
		count++;
	}
	check_case(expected, &source);
	fclose(file);
	assert_true(count >= 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_image_key_is_read),
		cmocka_unit_test(what_is_not_said_has_a_default),
		cmocka_unit_test(sections_may_come_back),
		cmocka_unit_test(a_lone_program_has_its_recipe),
		cmocka_unit_test(a_lone_program_must_fit_into_a_line),
		cmocka_unit_test(a_reference_replaces_name_and_tag),
		cmocka_unit_test(references_are_written_in_full),
		cmocka_unit_test(utf8_is_judged_to_the_letter),
		cmocka_unit_test(bad_recipes_are_refused_with_file_and_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
