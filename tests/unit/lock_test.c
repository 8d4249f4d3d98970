#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "data/lock.h"

static const char full[] = "pith-lock 1\n"
			   "status exact\n"
			   "dropped open\n"
			   "dropped poll\n"
			   "file /app/a program\n"
			   "  sha256 00ff\n"
			   "file /usr/lib/libz.so.1\n"
			   "  real /usr/lib/libz.so.1.2.13\n"
			   "  sha256 ff\n"
			   "  build-id ab\n"
			   "  package zlib1g\n"
			   "  version 1:1.2.13\n";

static void a_lock_is_read_and_printed_to_the_byte(void **state)
{
	auto_buf struct buf text = { 0 };
	struct lock lock;
	struct err err;

	(void)state;
	assert_int_equal(lock_parse(&lock, SLICE(full), &err), 0);
	assert_int_equal(lock.parts.count, 1);
	const struct lock_part *part = lock_part(&lock, SLICE("linux/amd64"));
	assert_ptr_equal(part, &lock.parts.at[0]);
	assert_true(slice_eq(part->status, "exact"));
	assert_true(lock_is_dropped(part, SLICE("poll")));
	assert_false(lock_is_dropped(part, SLICE("pol")));
	assert_int_equal(part->files.count, 2);
	assert_true(slice_eq(part->files.at[0].path, "/app/a program"));
	const struct lock_file *file = lock_find(part,
						 SLICE("/usr/lib/libz.so.1"));
	assert_ptr_equal(file, &part->files.at[1]);
	assert_true(slice_eq(file->version, "1:1.2.13"));
	assert_null(lock_find(part, SLICE("/usr/lib/libz.so")));
	lock_print(&text, &lock);
	assert_string_equal(text.at, full);
	lock_free(&lock);
}

static void comments_and_blanks_do_not_count(void **state)
{
	struct lock lock;
	struct err err;

	(void)state;
	assert_int_equal(
		lock_parse(&lock,
			   SLICE("pith-lock 1\n# x\n\n \tfile  /a \nsha256 1"),
			   &err),
		0);
	assert_true(slice_eq(lock.parts.at[0].files.at[0].path, "/a"));
	assert_true(slice_eq(lock.parts.at[0].files.at[0].sha256, "1"));
	lock_free(&lock);
}

static void platforms_have_parts_of_their_own(void **state)
{
	static const char arm[] = "pith-lock 1\nplatform linux/arm64\n"
				  "status exact\nfile /a\n  sha256 2\n";
	static const char both[] = "pith-lock 1\nstatus open\nfile /a\n"
				   "platform linux/arm64\nfile /a\n";
	auto_buf struct buf text = { 0 };
	struct lock lock;
	struct err err;

	(void)state;
	assert_int_equal(lock_parse(&lock, SLICE(arm), &err), 0);
	assert_null(lock_part(&lock, SLICE("linux/amd64")));
	assert_non_null(lock_part(&lock, SLICE("linux/arm64")));
	lock_print(&text, &lock);
	assert_string_equal(text.at, arm);
	lock_free(&lock);
	buf_free(&text);
	/* Of several each is named. */
	assert_int_equal(lock_parse(&lock, SLICE(both), &err), 0);
	assert_true(slice_eq(lock_part(&lock, SLICE("linux/amd64"))->status,
			     "open"));
	lock_print(&text, &lock);
	assert_string_equal(text.at,
			    "pith-lock 1\nplatform linux/amd64\nstatus open\n"
			    "file /a\nplatform linux/arm64\nfile /a\n");
	lock_free(&lock);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "no lock of this version of pith" },
		{ "pith-lock 2\n", "no lock of this version of pith" },
		{ "pith-lock 1\nfile a\n",
		  "line 2: a file's path is not absolute" },
		{ "pith-lock 1\nfile\n", "line 2: file: empty" },
		{ "pith-lock 1\nfile /a\nfile /a\n",
		  "line 3: /a: given twice" },
		{ "pith-lock 1\n\nsha256 1\n",
		  "line 3: sha256: before the first file" },
		{ "pith-lock 1\nfile /a\nreal /b\nreal /c\n",
		  "line 4: real: given twice" },
		{ "pith-lock 1\nstatus a\nstatus b\n",
		  "line 3: status: given twice" },
		{ "pith-lock 1\ndropped a\nfile /a\ndropped a\n",
		  "line 4: dropped a: given twice" },
		{ "pith-lock 1\nfile /a\nplatform linux/amd64\n",
		  "line 3: linux/amd64: given twice" },
		{ "pith-lock 1\nfile /a\nplatform x\nsha256 1\n",
		  "line 4: sha256: before the first file" },
		{ "pith-lock 1\nsize 3\n", "line 2: size: unknown key" },
		{ "pith-lock 1\nfile /\033[2J\n",
		  "line 2: a control character" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lock lock;
		struct err err;

		assert_int_equal(
			lock_parse(&lock, slice_from(cases[i].text), &err), -1);
		assert_string_equal(err.text, cases[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lock_is_read_and_printed_to_the_byte),
		cmocka_unit_test(comments_and_blanks_do_not_count),
		cmocka_unit_test(platforms_have_parts_of_their_own),
		cmocka_unit_test(what_is_wrong_is_named_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
