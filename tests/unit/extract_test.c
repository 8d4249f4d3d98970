#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/tar.h"
#include "image/extract.h"

static char directory[32];
static int root;

static int make_root(void **state)
{
	(void)state;
	strcpy(directory, "/tmp/pith-extract-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : 0;
}

static int remove_root(void **state)
{
	struct err err;

	(void)state;
	close(root);
	return extract_remove(AT_FDCWD, directory, &err);
}

static ssize_t read_memory(void *from, void *buf, size_t len, struct err *err)
{
	struct slice *left = from;
	size_t n = len < left->len ? len : left->len;

	(void)err;
	if (n)
		memcpy(buf, left->at, n);
	left->at += n;
	left->len -= n;
	return (ssize_t)n;
}

static void add(struct buf *tar, char type, const char *path, const char *link)
{
	struct err err;
	struct tar_entry entry = {
		.type = type,
		.path = path,
		.link = link,
		.mode = type == TAR_DIR ? 0755 : 0644,
		.uid = getuid(),
		.gid = getgid(),
	};

	assert_int_equal(tar_header(tar, &entry, &err), 0);
}

/* Both passes over one layer, as pith run makes them. */
static int extract(const struct buf *tar, struct err *err)
{
	int (*const passes[])(int, struct tar_reader *,
			      struct err *) = { extract_whiteouts,
						extract_layer };
	int result = 0;

	for (int i = 0; i < 2 && result == 0; i++) {
		struct slice left = buf_slice(tar);
		struct tar_reader reader;

		tar_open(&reader,
			 (struct tar_source){ read_memory, NULL, &left });
		result = passes[i](root, &reader, err);
		tar_close(&reader);
	}
	return result;
}

static int exists(const char *path)
{
	struct stat st;

	return fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void whiteouts_concern_lower_layers_only(void **state)
{
	auto_buf struct buf lower = { 0 };
	auto_buf struct buf upper = { 0 };
	struct err err;

	(void)state;
	add(&lower, TAR_DIR, "d/", "");
	add(&lower, TAR_FILE, "d/old", "");
	add(&lower, TAR_FILE, "gone", "");
	add(&upper, TAR_DIR, "d/", "");
	add(&upper, TAR_FILE, "d/new", "");
	add(&upper, TAR_FILE, "d/.wh..wh..opq", "");
	add(&upper, TAR_FILE, ".wh.gone", "");
	assert_int_equal(extract(&lower, &err), 0);
	assert_true(exists("d/old") && exists("gone"));
	assert_int_equal(extract(&upper, &err), 0);
	assert_true(exists("d/new"));
	assert_false(exists("d/old") || exists("gone"));
	assert_false(exists(".wh.gone") || exists("d/.wh..wh..opq"));
}

static void no_path_leads_out(void **state)
{
	auto_buf struct buf up = { 0 };
	auto_buf struct buf link = { 0 };
	struct err err;

	(void)state;
	add(&up, TAR_FILE, "a/../../x", "");
	assert_int_equal(extract(&up, &err), -1);
	/* An absolute link is taken to begin at the image's root. */
	add(&link, TAR_SYMLINK, "out", "/tmp");
	add(&link, TAR_FILE, "out/pith-extract-escaped", "");
	assert_int_equal(extract(&link, &err), -1);
	assert_int_equal(access("/tmp/pith-extract-escaped", F_OK), -1);
}

static void devices_are_refused(void **state)
{
	auto_buf struct buf tar = { 0 };
	struct err err;
	struct tar_entry entry = { .type = TAR_FIFO, .path = "f", .link = "" };

	(void)state;
	if (tar_header(&tar, &entry, &err) < 0) {
		/* pith writes none: turn a file's type into a pipe's. */
		add(&tar, TAR_FILE, "f", "");
		tar.at[156] = TAR_FIFO;
		memcpy(tar.at + 148, "        ", 8);
		unsigned int sum = 0;

		for (int i = 0; i < TAR_BLOCK; i++)
			sum += (unsigned char)tar.at[i];
		for (int i = 5; i >= 0; i--, sum /= 8)
			tar.at[148 + i] = (char)('0' + sum % 8);
		tar.at[154] = '\0';
	}
	assert_int_equal(extract(&tar, &err), -1);
	assert_false(exists("f"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			whiteouts_concern_lower_layers_only, make_root,
			remove_root),
		cmocka_unit_test_setup_teardown(no_path_leads_out, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(devices_are_refused, make_root,
						remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
