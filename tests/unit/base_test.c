#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fmt.h"
#include "base/io.h"
#include "base/num.h"
#include "base/slice.h"

static void fmt_prints_what_printf_prints(void **state)
{
	char ours[128], theirs[128];

	(void)state;
#define SAME(...)                                              \
	do {                                                   \
		fmt(ours, sizeof(ours), __VA_ARGS__);          \
		snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
		assert_string_equal(ours, theirs);             \
	} while (0)
	SAME("%d %d %d", 0, -1, 2147483647);
	SAME("%d", (int)-2147483648LL);
	SAME("%u %x %o", 4294967295u, 0xbeefu, 0755u);
	SAME("%ld %lu", -5L, 18446744073709551615UL);
	SAME("%llu %lld %zu", 1ULL << 63, -1LL, (size_t)7);
	SAME("%s|%.*s|%c|%%", "abc", 2, "xyz", 'q');
	SAME("%.*s", 5, "ab");
#undef SAME
}

static void fmt_cuts_and_terminates(void **state)
{
	char buf[5];

	(void)state;
	assert_int_equal(fmt(buf, sizeof(buf), "%s", "abcdefgh"), 4);
	assert_string_equal(buf, "abcd");
	assert_int_equal(fmt(buf, 1, "%s", "abc"), 0);
	assert_string_equal(buf, "");
}

static void err_carries_reason_and_context(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, ENOENT, "open %s", "/x"), -1);
	assert_int_equal(err_wrap(&err, "layer %d", 3), -1);
	assert_string_equal(err.text,
			    "layer 3: open /x: No such file or directory");
	assert_int_equal(err.num, ENOENT);
	err_set(&err, 98, "bind");
	assert_string_equal(err.text, "bind: error 98");
}

static void err_keeps_the_reason_behind_a_long_name(void **state)
{
	static const char end[] = "xx: File name too long";
	char name[2 * ERR_TEXT_SIZE];
	struct err err;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	err_set(&err, ENAMETOOLONG, "%s", name);
	size_t len = strlen(err.text);
	assert_true(len < ERR_TEXT_SIZE && len > ERR_TEXT_SIZE / 2);
	assert_string_equal(err.text + len - strlen(end), end);
}

static void numbers_are_strict(void **state)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "-1", "+1", "0x1", "1a", "18446744073709551616"
	};
	uint64_t n = 7;
	uint32_t m = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(num_u64(&n, slice_from(bad[i])));
	assert_int_equal(n, 7);
	assert_true(num_u64(&n, SLICE("18446744073709551615")));
	assert_true(n == UINT64_MAX);
	assert_false(num_u32(&m, SLICE("4294967296")));
	assert_true(num_u32(&m, SLICE("4294967295")));
	assert_true(num_octal(&m, SLICE("0755")) && m == 0755);
	assert_false(num_octal(&m, SLICE("0789")));
}

static void hexadecimal_is_as_the_kernel_prints_it(void **state)
{
	uint64_t n = 7;

	(void)state;
	assert_true(num_hex(&n, SLICE("00ff")) && n == 0xff);
	assert_true(num_hex(&n, SLICE("ffffffffffffffff")) && n == UINT64_MAX);
	assert_false(num_hex(&n, SLICE("")));
	assert_false(num_hex(&n, SLICE("0FF")));
	assert_false(num_hex(&n, SLICE("0xf")));
	assert_false(num_hex(&n, SLICE("10000000000000000")));
	assert_true(n == UINT64_MAX);
}

static void sizes_take_units(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(num_size(&n, SLICE("12")) && n == 12);
	assert_true(num_size(&n, SLICE("2K")) && n == 2048);
	assert_true(num_size(&n, SLICE("3G")) && n == 3ULL << 30);
	assert_false(num_size(&n, SLICE("K")));
	assert_false(num_size(&n, SLICE("1k")));
	assert_false(num_size(&n, SLICE("99999999999T")));
}

static void spans_are_systemd_spans(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = {
		{ "8", 8000 },
		{ "500ms", 500 },
		{ "1min 30s", 90000 },
		{ "2h", 7200000 },
		{ "1 s", 1000 },
		{ "1min30s", 90000 },
		{ "0", 0 },
		{ "infinity", UINT64_MAX },
	};
	static const char *const bad[] = { "",	    "s",
					   "-1",    "1x",
					   "1 2 q", "99999999999999999999s" };
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(num_span_ms(&ms, slice_from(good[i].text)));
		assert_true(ms == good[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(num_span_ms(&ms, slice_from(bad[i])));
}

static void booleans_are_systemd_booleans(void **state)
{
	bool b = false;

	(void)state;
	assert_true(num_bool(&b, SLICE("yes")) && b);
	assert_true(num_bool(&b, SLICE("off")) && !b);
	assert_false(num_bool(&b, SLICE("maybe")));
}

static void slices_cut_and_split(void **state)
{
	struct slice rest = SLICE("a:b::"), piece;

	(void)state;
	assert_true(slice_cut(&piece, &rest, ':') && slice_eq(piece, "a"));
	assert_true(slice_cut(&piece, &rest, ':') && slice_eq(piece, "b"));
	assert_true(slice_cut(&piece, &rest, ':') && slice_eq(piece, ""));
	assert_false(slice_cut(&piece, &rest, ':'));
	rest = SLICE("  one\ttwo ");
	assert_true(slice_word(&piece, &rest) && slice_eq(piece, "one"));
	assert_true(slice_word(&piece, &rest) && slice_eq(piece, "two"));
	assert_false(slice_word(&piece, &rest));
}

/* Wherever it is, whatever lies beside it, and nothing that is not there. */
static void slices_find_the_first(void **state)
{
	enum { LEN_MAX = 27 };
	char *text = malloc(LEN_MAX);

	(void)state;
	for (size_t len = 0; len <= LEN_MAX; len++) {
		/* Against the end of its memory: no byte too far is read. */
		struct slice s = { text + LEN_MAX - len, len };
		char *at = text + LEN_MAX - len;

		memset(text, 'b' ^ 1, LEN_MAX);
		if (slice_find(s, 'b'))
			fail_msg("found in %zu", len);
		for (size_t i = len; i-- > 0;) {
			at[i] = 'b'; /* and all behind it */
			if (slice_find(s, 'b') != at + i)
				fail_msg("%zu of %zu", i, len);
		}
		memset(text, '\x80', LEN_MAX);
		if (slice_find(s, '\0'))
			fail_msg("zero found in %zu", len);
	}
	free(text);
}

static void nearest_name_is_found_or_nothing(void **state)
{
	static const char *const names[] = { "open", "openat", "close", NULL,
					     "read" };

	(void)state;
	assert_int_equal(slice_nearest(SLICE("opne"), names, 5), 0);
	assert_int_equal(slice_nearest(SLICE("opn"), names, 5), 0);
	assert_int_equal(slice_nearest(SLICE("openta"), names, 5), 1);
	assert_int_equal(slice_nearest(SLICE("raed"), names, 5), 4);
	assert_int_equal(slice_nearest(SLICE("zzzzzz"), names, 5), -1);
}

static void buf_grows_and_terminates(void **state)
{
	auto_buf struct buf buf = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_fmt(&buf, "%d,", i % 10);
	assert_int_equal(buf.len, 2000);
	assert_int_equal(buf.at[2000], '\0');
	assert_true(slice_has_prefix(buf_slice(&buf), "0,1,2,"));
}

/* Through several blocks, and with some that have one of their own. */
static void arena_texts_stay_as_they_were(void **state)
{
	enum { TEXTS = 3000, LEN_MAX = 20000 };
	static char filler[LEN_MAX];
	static char *texts[TEXTS];
	struct arena arena = { 0 };

	(void)state;
	memset(filler, 'x', sizeof(filler));
	for (size_t i = 0; i < TEXTS; i++) {
		size_t len = i % 500 ? i % 97 : LEN_MAX;

		texts[i] = arena_text(&arena, (struct slice){ filler, len });
		texts[i][0] = len ? (char)i : '\0';
	}
	for (size_t i = 0; i < TEXTS; i++) {
		size_t len = i % 500 ? i % 97 : LEN_MAX;

		assert_int_equal(texts[i][0], len ? (char)i : 0);
		assert_int_equal(texts[i][len], 0);
		for (size_t k = 1; k < len; k++)
			assert_int_equal(texts[i][k], 'x');
	}
	arena_free(&arena);
	assert_null(arena.blocks);
}

static void output_appears_only_on_commit(void **state)
{
	char dir[] = "/tmp/pith-base-XXXXXX";
	char path[64];
	struct io_output out;
	struct err err;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/out", dir);
	assert_int_equal(io_create(&out, path, &err), 0);
	assert_int_equal(io_write(out.fd, "hello", 5), 0);
	assert_int_equal(stat(path, &st), -1);
	io_discard(&out);
	assert_int_equal(rmdir(dir), 0); /* nothing was left behind */
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(io_create(&out, path, &err), 0);
	assert_int_equal(io_write(out.fd, "hello", 5), 0);
	assert_int_equal(io_commit(&out, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void output_to_a_missing_folder_says_so(void **state)
{
	struct io_output out;
	struct err err;

	(void)state;
	assert_int_equal(io_create(&out, "/nonexistent/x", &err), -1);
	assert_string_equal(err.text, "create /nonexistent/x: No such file or "
				      "directory");
}

static void load_is_bounded(void **state)
{
	char *data = NULL;
	size_t len;
	struct err err;

	(void)state;
	assert_int_equal(io_load(&data, &len, "/proc/self/maps", 16, &err), -1);
	assert_string_equal(err.text, "/proc/self/maps: larger than 16 bytes");
	assert_int_equal(io_load(&data, &len, "/proc/version", 4096, &err), 0);
	assert_true(len > 10 && data[len] == '\0');
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fmt_prints_what_printf_prints),
		cmocka_unit_test(fmt_cuts_and_terminates),
		cmocka_unit_test(err_carries_reason_and_context),
		cmocka_unit_test(err_keeps_the_reason_behind_a_long_name),
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(sizes_take_units),
		cmocka_unit_test(spans_are_systemd_spans),
		cmocka_unit_test(booleans_are_systemd_booleans),
		cmocka_unit_test(slices_cut_and_split),
		cmocka_unit_test(slices_find_the_first),
		cmocka_unit_test(nearest_name_is_found_or_nothing),
		cmocka_unit_test(buf_grows_and_terminates),
		cmocka_unit_test(arena_texts_stay_as_they_were),
		cmocka_unit_test(output_appears_only_on_commit),
		cmocka_unit_test(output_to_a_missing_folder_says_so),
		cmocka_unit_test(load_is_bounded),
		cmocka_unit_test(hexadecimal_is_as_the_kernel_prints_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
