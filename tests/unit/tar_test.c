#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "data/tar.h"

struct memory {
	const char *at;
	size_t len;
};

static ssize_t read_memory(void *from, void *buf, size_t len, struct err *err)
{
	struct memory *memory = from;
	size_t n = len < memory->len ? len : memory->len;

	(void)err;
	if (n)
		memcpy(buf, memory->at, n);
	memory->at += n;
	memory->len -= n;
	return (ssize_t)n;
}

static struct tar_entry entry_of(const char *path, const char *link)
{
	return (struct tar_entry){ .type = *link ? TAR_SYMLINK : TAR_FILE,
				   .path = path,
				   .link = link,
				   .mode = 0640 };
}

static void write_entry(struct buf *out, const struct tar_entry *entry)
{
	struct err err;

	assert_int_equal(tar_header(out, entry, &err), 0);
	assert_int_equal(out->len % TAR_BLOCK, 0);
}

/* Write, read back, and compare what a header has to carry. */
static void check_round(const struct tar_entry *entry, size_t blocks)
{
	auto_buf struct buf bytes = { 0 };
	struct tar_reader reader;
	struct tar_entry got;
	struct err err;

	write_entry(&bytes, entry);
	assert_int_equal(bytes.len / TAR_BLOCK, blocks);
	struct memory memory = { bytes.at, bytes.len };

	tar_open(&reader, (struct tar_source){ read_memory, NULL, &memory });
	assert_int_equal(tar_next(&got, &reader, &err), 1);
	assert_string_equal(got.path, entry->path);
	assert_string_equal(got.link, entry->link);
	assert_int_equal(got.type, entry->type);
	assert_int_equal(got.mode, entry->mode);
	assert_true(got.uid == entry->uid && got.gid == entry->gid);
	assert_true(got.size == entry->size && got.mtime == 0);
	tar_close(&reader);
}

static char *repeat(char c, size_t n)
{
	char *text = malloc(n + 1);

	memset(text, c, n);
	text[n] = '\0';
	return text;
}

static void a_plain_header_is_one_block(void **state)
{
	(void)state;
	struct tar_entry entry = entry_of("etc/passwd", "");

	entry.uid = 07777777;
	entry.gid = 65532;
	entry.size = 077777777777;
	check_round(&entry, 1);
	entry = entry_of("a", "b");
	check_round(&entry, 1);
	entry = (struct tar_entry){
		.type = TAR_DIR, .path = "tmp/", .link = "", .mode = 01777
	};
	check_round(&entry, 1);
}

static void paths_around_every_limit_come_back(void **state)
{
	char path[300];

	(void)state;
	for (size_t len = 90; len < sizeof(path); len++) {
		for (size_t slash = 1; slash + 1 < len; slash++) {
			memset(path, 'x', len);
			path[len] = '\0';
			path[slash] = '/';
			struct tar_entry entry = entry_of(path, "");
			bool fits = len <= 100 ||
				    (slash <= 155 && len - slash - 1 <= 100);

			check_round(&entry, fits ? 1 : 3);
		}
	}
}

/* Blocks of an entry whose one record is KEY=VALUE; it counts itself. */
static size_t blocks_with(const char *key, size_t value)
{
	size_t rest = strlen(key) + value + 3;
	size_t len = rest + 1;
	char digits[24];

	while (rest + (size_t)snprintf(digits, sizeof(digits), "%zu", len) !=
	       len)
		len++;
	return 2 + (len + TAR_BLOCK - 1) / TAR_BLOCK;
}

static void long_paths_and_links_come_back(void **state)
{
	(void)state;
	for (size_t len = 101; len <= TAR_PATH_MAX;
	     len += len < 1100 ? 1 : 97) {
		char *text = repeat('p', len);
		struct tar_entry path = entry_of(text, "");
		struct tar_entry link = entry_of("l", text);

		check_round(&path, blocks_with("path", len));
		check_round(&link, blocks_with("linkpath", len));
		free(text);
	}
}

static void ids_and_sizes_past_octal_come_back(void **state)
{
	(void)state;
	struct tar_entry entry = entry_of("big", "");

	entry.size = 077777777777 + 1ull;
	check_round(&entry, 3);
	entry.uid = UINT32_MAX;
	entry.gid = 07777777 + 1;
	check_round(&entry, 3);
}

static void names_that_are_not_ascii_travel_as_pax(void **state)
{
	(void)state;
	struct tar_entry entry = entry_of("caf\xc3\xa9", "");

	check_round(&entry, 3);
	entry = entry_of("l", "caf\xc3\xa9");
	check_round(&entry, 3);
}

static void pax_records_are_sorted_and_say_no_time(void **state)
{
	auto_buf struct buf bytes = { 0 };
	char *text = repeat('p', 120);
	struct tar_entry entry = entry_of(text, text);

	(void)state;
	entry.uid = entry.gid = 1u << 30;
	entry.size = 1ull << 40;
	write_entry(&bytes, &entry);
	assert_memory_equal(bytes.at, "PaxHeaders/pith", 16);
	const char *gid = strstr(bytes.at + 512, " gid=");
	const char *link = strstr(gid, " linkpath=");
	const char *path = strstr(link, " path=");
	const char *size = strstr(path, " size=");

	assert_non_null(strstr(size, " uid="));
	assert_null(strstr(bytes.at + 512, "time"));
	free(text);
}

static void a_path_that_is_empty_or_too_long_is_refused(void **state)
{
	auto_buf struct buf bytes = { 0 };
	char *text = repeat('p', TAR_PATH_MAX + 1);
	struct err err;

	(void)state;
	struct tar_entry entry = entry_of("", "");

	assert_int_equal(tar_header(&bytes, &entry, &err), -1);
	entry = entry_of(text, "");
	assert_int_equal(tar_header(&bytes, &entry, &err), -1);
	entry = entry_of("l", text);
	assert_int_equal(tar_header(&bytes, &entry, &err), -1);
	free(text);
}

/* Read all of bytes; the count of entries, or -1 with err. */
static int read_all(const struct buf *bytes, struct err *err)
{
	struct memory memory = { bytes->at, bytes->len };
	struct tar_reader reader;
	struct tar_entry entry;
	char data[1000];
	int count = 0;
	int got;

	memset(err, 0, sizeof(*err));
	tar_open(&reader, (struct tar_source){ read_memory, NULL, &memory });
	while ((got = tar_next(&entry, &reader, err)) > 0) {
		ssize_t n = tar_data(data, sizeof(data), &reader, err);

		if (n < 0) {
			got = -1;
			break;
		}
		count++;
	}
	tar_close(&reader);
	return got < 0 ? -1 : count;
}

static void add_data(struct buf *bytes, size_t len)
{
	char zeros[TAR_BLOCK] = { 0 };

	buf_add(bytes, "0123456789", len);
	buf_add(bytes, zeros, tar_padding(len));
}

static void data_is_read_or_stepped_over(void **state)
{
	auto_buf struct buf bytes = { 0 };
	struct tar_entry entry = entry_of("a", "");
	struct memory memory;
	struct tar_reader reader;
	char data[16];
	struct err err;

	(void)state;
	entry.size = 10;
	for (int i = 0; i < 3; i++) {
		write_entry(&bytes, &entry);
		add_data(&bytes, 10);
	}
	memory = (struct memory){ bytes.at, bytes.len };
	tar_open(&reader, (struct tar_source){ read_memory, NULL, &memory });
	assert_int_equal(tar_next(&entry, &reader, &err), 1);
	assert_int_equal(tar_data(data, 4, &reader, &err), 4);
	assert_int_equal(tar_next(&entry, &reader, &err), 1);
	assert_int_equal(tar_data(data, 16, &reader, &err), 10);
	assert_memory_equal(data, "0123456789", 10);
	assert_int_equal(tar_data(data, 16, &reader, &err), 0);
	assert_int_equal(tar_next(&entry, &reader, &err), 1);
	assert_true(reader.offset == bytes.len - TAR_BLOCK);
	assert_int_equal(tar_next(&entry, &reader, &err), 0);
	tar_close(&reader);
}

static void a_missing_end_is_fine_and_a_cut_is_not(void **state)
{
	auto_buf struct buf bytes = { 0 };
	struct tar_entry entry = entry_of("a", "");
	struct err err;

	(void)state;
	entry.size = 10;
	write_entry(&bytes, &entry);
	add_data(&bytes, 10);
	assert_int_equal(read_all(&bytes, &err), 1);
	bytes.len -= 1;
	assert_int_equal(read_all(&bytes, &err), -1);
	assert_string_equal(err.text, "truncated archive");
	/* As umoci leaves it: neither end nor padding. */
	bytes.len = TAR_BLOCK + 10;
	assert_int_equal(read_all(&bytes, &err), 1);
	bytes.len -= 1;
	assert_int_equal(read_all(&bytes, &err), -1);
	assert_string_equal(err.text, "truncated archive");
	bytes.len = TAR_BLOCK - 1;
	assert_int_equal(read_all(&bytes, &err), -1);
}

/* What tar_finish says of an archive of one entry and these last bytes. */
static const char *end_of(const char *last, size_t len)
{
	auto_buf struct buf bytes = { 0 };
	struct tar_entry entry = entry_of("a", "");
	struct tar_reader reader;
	const char *fault;
	struct err err;

	write_entry(&bytes, &entry);
	buf_add(&bytes, last, len);
	struct memory memory = { bytes.at, bytes.len };

	tar_open(&reader, (struct tar_source){ read_memory, NULL, &memory });
	assert_int_equal(tar_next(&entry, &reader, &err), 1);
	assert_int_equal(tar_next(&entry, &reader, &err), 0);
	assert_int_equal(tar_finish(&fault, &reader, &err), 0);
	tar_close(&reader);
	return fault;
}

static void an_end_is_two_zero_blocks_and_zeros(void **state)
{
	static char zeros[40 * TAR_BLOCK];

	(void)state;
	assert_non_null(strstr(end_of("", 0), "without its two"));
	assert_non_null(strstr(end_of(zeros, TAR_BLOCK), "one zero block"));
	assert_non_null(strstr(end_of(zeros, 2 * TAR_BLOCK - 1), "one zero"));
	assert_null(end_of(zeros, 2 * TAR_BLOCK));
	assert_null(end_of(zeros, 2 * TAR_BLOCK + 7));
	assert_null(end_of(zeros, sizeof(zeros)));
	for (size_t at = TAR_BLOCK; at < sizeof(zeros); at += 511) {
		zeros[at] = 1;
		assert_non_null(strstr(end_of(zeros, sizeof(zeros)), "behind"));
		zeros[at] = 0;
	}
}

static void a_changed_header_is_no_header(void **state)
{
	struct tar_entry entry = entry_of("a", "");
	struct err err;

	(void)state;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		auto_buf struct buf bytes = { 0 };

		/* There it makes a blank of a leading zero: the same sum. */
		if (i == 148)
			continue;
		write_entry(&bytes, &entry);
		bytes.at[i] ^= 0x10;
		assert_int_equal(read_all(&bytes, &err), -1);
	}
}

/* An 'x' header with these records, then a plain file. */
static int read_pax(const char *records, size_t len, struct tar_entry *got,
		    struct tar_reader *reader, struct err *err)
{
	static struct buf bytes;
	static struct memory memory;
	char zeros[TAR_BLOCK] = { 0 };
	struct tar_entry entry = {
		.type = 'x', .path = "x", .link = "", .size = len
	};

	bytes.len = 0;
	write_entry(&bytes, &entry);
	buf_add(&bytes, records, len);
	buf_add(&bytes, zeros, tar_padding(len));
	entry = entry_of("plain", "");
	write_entry(&bytes, &entry);
	memory = (struct memory){ bytes.at, bytes.len };
	tar_open(reader, (struct tar_source){ read_memory, NULL, &memory });
	return tar_next(got, reader, err);
}

static void attributes_are_read(void **state)
{
	static const char records[] = "25 SCHILY.xattr.user.a=b\n"
				      "13 path=long\n"
				      "30 mtime=1350244992.023960108\n";
	struct tar_reader reader;
	struct tar_entry got;
	struct err err;

	(void)state;
	assert_int_equal(
		read_pax(records, sizeof(records) - 1, &got, &reader, &err), 1);
	assert_string_equal(got.path, "long");
	assert_int_equal(got.xattr_count, 1);
	assert_true(slice_eq(got.xattrs[0].name, "user.a"));
	assert_true(slice_eq(got.xattrs[0].value, "b"));
	tar_close(&reader);
}

static void malformed_pax_records_are_errors(void **state)
{
	static const char *const bad[] = {
		"12 path=long\n",
		"14 path=long\n",
		"13 path=lon\n\n\n",
		"x path=a\n",
		"9 =abcd\n",
		"8 pathx\n",
		"0 path=\n",
		"-1 path=\n",
		"99999999999999999999 a=b\n",
		"11 size=1x\n",
		"18 path=a",
		"13 uid=-1234\n",
		"8 path=\n",
	};
	struct tar_reader reader;
	struct tar_entry got;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_pax(bad[i], strlen(bad[i]), &got, &reader, &err) != -1)
			fail_msg("accepted: %s", bad[i]);
		tar_close(&reader);
	}
	/* A zero byte would cut the name short for whoever uses it. */
	assert_int_equal(read_pax("12 path=a\0b\n", 12, &got, &reader, &err),
			 -1);
	tar_close(&reader);
}

static void an_extension_header_has_a_limit(void **state)
{
	auto_buf struct buf bytes = { 0 };
	struct tar_entry entry = { .type = 'x',
				   .path = "x",
				   .link = "",
				   .size = TAR_EXTENSION_MAX + 1 };
	struct err err;

	(void)state;
	write_entry(&bytes, &entry);
	assert_int_equal(read_all(&bytes, &err), -1);
	assert_non_null(strstr(err.text, "extension header of 1048577 bytes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_header_is_one_block),
		cmocka_unit_test(paths_around_every_limit_come_back),
		cmocka_unit_test(long_paths_and_links_come_back),
		cmocka_unit_test(ids_and_sizes_past_octal_come_back),
		cmocka_unit_test(names_that_are_not_ascii_travel_as_pax),
		cmocka_unit_test(pax_records_are_sorted_and_say_no_time),
		cmocka_unit_test(a_path_that_is_empty_or_too_long_is_refused),
		cmocka_unit_test(data_is_read_or_stepped_over),
		cmocka_unit_test(a_missing_end_is_fine_and_a_cut_is_not),
		cmocka_unit_test(an_end_is_two_zero_blocks_and_zeros),
		cmocka_unit_test(a_changed_header_is_no_header),
		cmocka_unit_test(attributes_are_read),
		cmocka_unit_test(malformed_pax_records_are_errors),
		cmocka_unit_test(an_extension_header_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
