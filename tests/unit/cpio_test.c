#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "data/cpio.h"

static void a_header_is_as_the_kernel_reads_it(void **state)
{
	auto_buf struct buf out = { 0 };
	struct cpio_entry entry = { .path = "init",
				    .ino = 7,
				    .mode = 0100755,
				    .uid = 1,
				    .gid = 65532,
				    .links = 1,
				    .size = 0xABCDEF };
	struct err err;

	(void)state;
	assert_int_equal(cpio_header(&out, &entry, &err), 0);
	/* 6 + 13 * 8 digits, "init" with its zero byte, one to a multiple. */
	assert_int_equal(out.len, 116);
	assert_memory_equal(out.at,
			    "070701"
			    "00000007" /* inode */
			    "000081ED" /* mode */
			    "00000001" /* uid */
			    "0000FFFC" /* gid */
			    "00000001" /* links */
			    "00000000" /* time */
			    "00ABCDEF" /* size */
			    "00000000" /* device */
			    "00000000"
			    "00000000" /* of what it is */
			    "00000000"
			    "00000005" /* length of the name */
			    "00000000" /* checksum */
			    "init\0\0",
			    116);
}

static void names_of_any_length_end_at_a_multiple_of_four(void **state)
{
	char path[4097];
	struct err err;

	(void)state;
	for (size_t len = 1; len <= 4096; len++) {
		auto_buf struct buf out = { 0 };

		memset(path, 'x', len);
		path[len] = '\0';
		if (len == 4096) {
			assert_int_equal(cpio_header(&out,
						     &(struct cpio_entry){
							     .path = path },
						     &err),
					 -1);
			break;
		}
		assert_int_equal(
			cpio_header(&out, &(struct cpio_entry){ .path = path },
				    &err),
			0);
		assert_int_equal(out.len % 4, 0);
		assert_true(out.len >= 110 + len + 1 &&
			    out.len < 110 + len + 5);
	}
	assert_int_equal(cpio_padding(0), 0);
	assert_int_equal(cpio_padding(1), 3);
	assert_int_equal(cpio_padding(4), 0);
}

static void what_does_not_fit_is_refused(void **state)
{
	auto_buf struct buf out = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(cpio_header(&out,
				     &(struct cpio_entry){ .path = "x",
							   .size = 1ULL << 32 },
				     &err),
			 -1);
	assert_string_equal(err.text, "x: 4294967296 bytes; a cpio archive "
				      "holds files below 4 GiB");
	assert_int_equal(
		cpio_header(&out, &(struct cpio_entry){ .path = "" }, &err),
		-1);
	assert_int_equal(out.len, 0);
}

/* Written here, listed by cpio(1): the format, not our idea of it. */
static void cpio_lists_what_was_written(void **state)
{
	static const struct {
		struct cpio_entry entry;
		const char *data, *line;
	} cases[] = {
		{ { ".", 1, 040755, 0, 0, 2, 0, 0, 0 }, "", "drwxr-xr-x" },
		{ { "a/b c", 2, 0104755, 1, 2, 1, 5, 0, 0 },
		  "12345",
		  "-rwsr-xr-x" },
		{ { "l", 3, 0120777, 0, 0, 1, 5, 0, 0 },
		  "a/b c",
		  "l -> a/b c" },
		{ { "dev/console", 4, 020600, 0, 0, 1, 0, 5, 1 },
		  "",
		  "5,   1" },
	};
	char path[] = "/tmp/pith-cpio-XXXXXX", command[80], listing[2000];
	auto_buf struct buf out = { 0 };
	struct err err;
	int fd = mkstemp(path);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(cpio_header(&out, &cases[i].entry, &err), 0);
		buf_text(&out, cases[i].data);
		buf_add(&out, "\0\0\0", cpio_padding(cases[i].entry.size));
	}
	cpio_end(&out);
	FILE *to = fdopen(fd, "w");

	assert_int_equal(fwrite(out.at, 1, out.len, to), out.len);
	fclose(to);
	snprintf(command, sizeof(command), "cpio -itv --quiet <%s 2>&1", path);
	FILE *from = popen(command, "r");
	size_t n = fread(listing, 1, sizeof(listing) - 1, from);
	int status = pclose(from);

	unlink(path);
	listing[n] = '\0';
	if (status)
		skip();
	for (size_t i = 0; i < 4; i++)
		if (!strstr(listing, cases[i].line))
			fail_msg("no '%s' in\n%s", cases[i].line, listing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_as_the_kernel_reads_it),
		cmocka_unit_test(names_of_any_length_end_at_a_multiple_of_four),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(cpio_lists_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
