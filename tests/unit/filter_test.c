#include "data/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/scope.h"
#include "data/bpf.h"

enum { CHECKED_FROM = 40 }; /* what the checksum covers */

static struct filter_insn insns[] = {
	{ 0x20, 0, 0, 4 },
	{ 0x15, 0, 1, 0xc000003e },
	{ 0x06, 0, 0, 0x7fff0000 },
	{ 0x06, 0, 0, 0x80000000 },
};

static struct filter sample(void)
{
	return (struct filter){
		.audit = 0xc000003e,
		.flags = FILTER_GATE,
		.insn_count = 4,
		.cookie = { 1, FILTER_NO_WORD, FILTER_NO_WORD, FILTER_NO_WORD },
		.program_size = 12345,
		.ident = "\177ELF",
		.path = "/app/hello",
		.path_len = 10,
		.insns = insns,
	};
}

static void *written(size_t *size)
{
	struct filter filter = sample();

	*size = filter_size(&filter);
	void *blob = calloc(1, *size + 8);

	filter_write(blob, &filter);
	return blob;
}

static bool parses(void *blob, size_t len)
{
	struct filter filter;
	struct err err = { 0 };
	bool ok = filter_parse(&filter, blob, len, &err) == 0;

	assert_int_equal(ok, err.text[0] == '\0');
	return ok;
}

static void what_is_written_is_read(void **state)
{
	struct filter want = sample();
	struct filter got;
	struct err err;
	size_t size;
	auto_free void *blob = written(&size);

	(void)state;
	assert_int_equal(size, 112 + 16 + 4 * 8);
	assert_int_equal(filter_parse(&got, blob, size, &err), 0);
	assert_int_equal(got.audit, want.audit);
	assert_int_equal(got.flags, want.flags);
	assert_int_equal(got.program_size, want.program_size);
	assert_memory_equal(got.cookie, want.cookie, sizeof(got.cookie));
	assert_memory_equal(got.ident, want.ident, sizeof(got.ident));
	assert_int_equal(got.path_len, 10);
	assert_memory_equal(got.path, want.path, 10);
	assert_int_equal(got.insn_count, 4);
	assert_memory_equal(got.insns, insns, sizeof(insns));
}

static void every_other_length_is_refused(void **state)
{
	size_t size;
	auto_free void *blob = written(&size);

	(void)state;
	for (size_t len = 0; len < size; len++)
		assert_false(parses(blob, len));
	assert_true(parses(blob, size));
	for (size_t more = 1; more <= 8; more++)
		assert_false(parses(blob, size + more));
}

static void a_changed_bit_is_damage(void **state)
{
	size_t size;
	auto_free unsigned char *blob = written(&size);

	(void)state;
	for (size_t bit = CHECKED_FROM * 8; bit < size * 8; bit++) {
		blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(parses(blob, size));
		blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_true(parses(blob, size));
}

static void magic_version_and_flags_are_exact(void **state)
{
	size_t size;
	auto_free unsigned char *blob = written(&size);

	(void)state;
	for (size_t bit = 0; bit < 12 * 8; bit++) {
		blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(parses(blob, size));
		blob[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
}

static void write_and_parse(const struct filter *filter, bool want)
{
	size_t size = filter_size(filter);
	auto_free void *blob = calloc(1, size);

	filter_write(blob, filter);
	assert_int_equal(parses(blob, size), want);
}

static void cookie_words_name_comparisons(void **state)
{
	struct filter filter = sample();

	(void)state;
	for (uint16_t at = 0; at < 6; at++) {
		filter.cookie[0] = at;
		write_and_parse(&filter, at == 1);
	}
	filter.cookie[0] = FILTER_NO_WORD;
	write_and_parse(&filter, false); /* a gate without a cookie */
	filter.flags = 0;
	write_and_parse(&filter, true);
	filter.cookie[3] = 1;
	write_and_parse(&filter, false); /* a cookie without a gate */
}

static void lengths_have_limits(void **state)
{
	static struct filter_insn many[FILTER_INSNS_MAX + 1];
	static char path[FILTER_PATH_MAX + 2];
	struct filter filter = sample();

	(void)state;
	filter.flags = 0;
	filter.cookie[0] = FILTER_NO_WORD;
	filter.path = path;
	filter.path_len = FILTER_PATH_MAX;
	write_and_parse(&filter, true);
	filter.path_len = FILTER_PATH_MAX + 1;
	write_and_parse(&filter, false);
	filter.path_len = 0;
	write_and_parse(&filter, true);
	filter.insns = many;
	filter.insn_count = FILTER_INSNS_MAX;
	write_and_parse(&filter, true);
	filter.insn_count = FILTER_INSNS_MAX + 1;
	write_and_parse(&filter, false);
	filter.insn_count = 0;
	write_and_parse(&filter, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(every_other_length_is_refused),
		cmocka_unit_test(a_changed_bit_is_damage),
		cmocka_unit_test(magic_version_and_flags_are_exact),
		cmocka_unit_test(cookie_words_name_comparisons),
		cmocka_unit_test(lengths_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
