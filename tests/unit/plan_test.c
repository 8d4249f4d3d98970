#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/filecaps.h"
#include "image/plan.h"

static void add(struct plan *plan, const char *path, enum tar_type type,
		unsigned int line)
{
	struct err err;
	struct plan_entry entry = {
		.path = path,
		.type = type,
		.mode = type == TAR_DIR ? 0755 : 0644,
		.link = type == TAR_SYMLINK ? "target" : NULL,
		.origin = "Copy=",
		.line = line,
	};

	assert_int_equal(plan_add(plan, &entry, &err), 0);
}

static void expect_paths(const struct plan *plan, const char *const *paths,
			 size_t count)
{
	assert_int_equal(plan->count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(plan->entries[i].path, paths[i]);
}

static void entries_are_sorted_and_parents_added(void **state)
{
	static const char *const paths[] = {
		"/",	  "/a",	  "/a/b", "/a/b/d", "/a/b/d/e",
		"/a/b.c", "/a-b", "/srv", "/srv/x", "/srv/x/y",
	};
	struct plan plan = { 0 };
	struct err err;

	(void)state;
	add(&plan, "/srv/x/y", TAR_FILE, 1);
	add(&plan, "/a-b", TAR_FILE, 1);
	add(&plan, "/a/b.c", TAR_FILE, 1);
	add(&plan, "/a/b/d/e", TAR_FILE, 1);
	add(&plan, "/a/b", TAR_DIR, 1);
	assert_int_equal(plan_finish(&plan, &err), 0);
	expect_paths(&plan, paths, 10);
	assert_int_equal(plan_find(&plan, "/srv")->mode, 0755);
	assert_int_equal(plan_find(&plan, "/srv")->type, TAR_DIR);
	assert_null(plan_find(&plan, "/sr"));
	/* Finishing again, with more in it, is what the builder does. */
	add(&plan, "/init", TAR_FILE, 0);
	assert_int_equal(plan_finish(&plan, &err), 0);
	assert_int_equal(plan.count, 11);
	plan_free(&plan);
}

static void expect_refusal(struct plan *plan, const char *message)
{
	struct err err;

	assert_int_equal(plan_finish(plan, &err), -1);
	assert_string_equal(err.text, message);
	plan_free(plan);
}

static void a_path_with_two_sources_is_refused(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "/etc/x", TAR_FILE, 7);
	add(&plan, "/b", TAR_FILE, 1);
	add(&plan, "/etc/x", TAR_FILE, 4);
	add(&plan, "/z", TAR_FILE, 1);
	expect_refusal(&plan, "/etc/x: comes from line 4 and from line 7");
	add(&plan, "/etc/x", TAR_FILE, 0);
	add(&plan, "/etc/x", TAR_SYMLINK, 4);
	expect_refusal(&plan, "/etc/x: comes from Copy= and from line 4");
	add(&plan, "/etc/x", TAR_FILE, 0);
	add(&plan, "/etc/x", TAR_DIR, 0);
	expect_refusal(&plan, "/etc/x: comes from Copy= and from Copy=");
}

static void nothing_lies_below_a_file_or_link(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "/a", TAR_FILE, 1);
	add(&plan, "/a/b", TAR_FILE, 2);
	expect_refusal(&plan, "/a/b: is below /a, which is a file");
	add(&plan, "/lib/x/y", TAR_FILE, 1);
	add(&plan, "/lib", TAR_SYMLINK, 2);
	expect_refusal(&plan,
		       "/lib/x: is below /lib, which is a symbolic link");
}

static void equal_directories_are_one(void **state)
{
	struct plan plan = { 0 };
	struct plan_entry own = { .path = "/home/nonroot",
				  .type = TAR_DIR,
				  .mode = 0700,
				  .uid = 65532,
				  .origin = "the base" };
	struct plan_entry tree = { .path = "/home/nonroot",
				   .type = TAR_DIR,
				   .is_implied = true,
				   .mode = 0755,
				   .line = 3 };
	struct err err;

	(void)state;
	add(&plan, "/a", TAR_DIR, 1);
	add(&plan, "/a", TAR_DIR, 2);
	/* A tree's directory gives way to one that somebody described. */
	assert_int_equal(plan_add(&plan, &tree, &err), 0);
	assert_int_equal(plan_add(&plan, &own, &err), 0);
	assert_int_equal(plan_finish(&plan, &err), 0);
	assert_int_equal(plan.count, 4);
	assert_int_equal(plan_find(&plan, "/home/nonroot")->mode, 0700);
	assert_int_equal(plan_find(&plan, "/home/nonroot")->uid, 65532);
	own.mode = 0711;
	own.line = 9;
	assert_int_equal(plan_add(&plan, &own, &err), 0);
	expect_refusal(&plan, "/home/nonroot: comes from the base and from "
			      "line 9");
}

/* An empty directory of a tree must not vanish where a file is. */
static void a_trees_directory_is_no_file(void **state)
{
	struct plan plan = { 0 };
	struct plan_entry tree = {
		.path = "/a", .type = TAR_DIR, .is_implied = true, .line = 3
	};
	struct err err;

	(void)state;
	add(&plan, "/a", TAR_FILE, 2);
	assert_int_equal(plan_add(&plan, &tree, &err), 0);
	expect_refusal(&plan, "/a: comes from line 2 and from line 3");
}

static void bad_paths_do_not_get_in(void **state)
{
	static const char *const bad[] = {
		"a",  "",      "/a/",	 "/a//b", "/./a",   "/a/..",
		"//", "/a\nb", "/a\x7f", "/\xff", "/.wh.a", "/a/.wh..wh..opq",
	};
	struct plan plan = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct plan_entry entry = { .path = bad[i], .type = TAR_FILE };

		if (plan_add(&plan, &entry, &err) == 0)
			fail_msg("accepted %s", bad[i]);
	}
	assert_int_equal(plan.count, 0);
}

static void expect_file(const struct plan *plan, const char *path,
			const char *file)
{
	const struct plan_entry *entry = plan_find(plan, path);
	auto_buf struct buf got = { 0 };

	assert_non_null(entry);
	assert_int_equal(plan_file(&got, entry), file != NULL);
	assert_string_equal(buf_slice(&got).at, file ? file : "");
}

/* Whatever of it is kept: alone, beside others of one directory, moved. */
static void host_files_are_named_as_they_were(void **state)
{
	static const char *const files[][2] = {
		{ "/data/a/x", "/src/a/x" }, { "/data/a/y", "/src/a/y" },
		{ "/data/x", "/src/x" },     { "/data/y", "/src/a/y" },
		{ "/renamed", "/src/a/x" },  { "/x", "/x" },
		{ "/relative", "relative" }, { "/y", "./y" },
	};
	enum { FILES = sizeof(files) / sizeof(files[0]) };
	struct plan plan = { 0 }, other = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < FILES; i++)
		assert_int_equal(
			plan_add(&plan,
				 &(struct plan_entry){ .path = files[i][0],
						       .from = files[i][1],
						       .type = TAR_FILE },
				 &err),
			0);
	add(&plan, "/none", TAR_FILE, 1);
	assert_int_equal(plan_finish(&plan, &err), 0);
	/* And as entries of another plan, once this one is gone. */
	for (size_t i = 0; i < plan.count; i++)
		assert_int_equal(plan_add(&other, &plan.entries[i], &err), 0);
	for (size_t i = 0; i < FILES; i++)
		expect_file(&plan, files[i][0], files[i][1]);
	expect_file(&plan, "/none", NULL);
	plan_free(&plan);
	assert_int_equal(plan_finish(&other, &err), 0);
	for (size_t i = 0; i < FILES; i++)
		expect_file(&other, files[i][0], files[i][1]);
	plan_free(&other);
}

/* One pointer is a link's target, a file's bytes or its capabilities. */
static void an_entry_has_only_what_its_kind_has(void **state)
{
	static const char caps[FILECAPS_SIZE] = "\1\0\2";
	struct plan plan = { 0 };
	const struct plan_entry *entry;
	struct err err;

	(void)state;
	add(&plan, "/link", TAR_SYMLINK, 1);
	assert_int_equal(plan_add_bytes(&plan, "/bytes", SLICE("te\0xt"), &err),
			 0);
	assert_int_equal(plan_add(&plan,
				  &(struct plan_entry){ .path = "/caps",
							.from = "/caps",
							.type = TAR_FILE,
							.caps = caps },
				  &err),
			 0);
	assert_int_equal(plan_finish(&plan, &err), 0);
	entry = plan_find(&plan, "/link");
	assert_string_equal(plan_link(entry), "target");
	assert_null(plan_bytes(entry));
	assert_null(plan_caps(entry));
	entry = plan_find(&plan, "/bytes");
	assert_memory_equal(plan_bytes(entry), "te\0xt", 6);
	assert_null(plan_link(entry));
	assert_null(plan_caps(entry));
	entry = plan_find(&plan, "/caps");
	assert_memory_equal(plan_caps(entry), caps, sizeof(caps));
	assert_null(plan_link(entry));
	assert_null(plan_bytes(entry));
	plan_free(&plan);
}

static void each_part_of_a_stamp_shows(void **state)
{
	const struct stat st = { .st_dev = 0xfe01,
				 .st_ino = 77,
				 .st_mtim = { 1700000000, 5 },
				 .st_ctim = { 1700000001, 6 } };
	const struct plan_entry entry = { .from = "/x",
					  .stamp = plan_stamp(&st) };
	struct stat other[] = { st, st, st, st, st, st };

	(void)state;
	other[0].st_dev++;
	other[1].st_ino++;
	other[2].st_mtim.tv_sec--;
	other[3].st_mtim.tv_nsec++;
	other[4].st_ctim.tv_sec++;
	other[5].st_ctim.tv_nsec--;
	assert_true(plan_is_file(&entry, &st));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (plan_is_file(&entry, &other[i]))
			fail_msg("change %zu does not show", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_sorted_and_parents_added),
		cmocka_unit_test(a_path_with_two_sources_is_refused),
		cmocka_unit_test(nothing_lies_below_a_file_or_link),
		cmocka_unit_test(equal_directories_are_one),
		cmocka_unit_test(a_trees_directory_is_no_file),
		cmocka_unit_test(bad_paths_do_not_get_in),
		cmocka_unit_test(host_files_are_named_as_they_were),
		cmocka_unit_test(an_entry_has_only_what_its_kind_has),
		cmocka_unit_test(each_part_of_a_stamp_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
