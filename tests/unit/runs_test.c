#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/runs.h"

static int compare(struct slice a, struct slice b)
{
	return strcmp(a.at, b.at);
}

/* A number that jumps about, never the same twice below 2^20. */
static unsigned int scatter(unsigned int i)
{
	return i * 0x9e375u & 0xfffff;
}

/* count records of about size bytes come back in order, each once, twice. */
static void check(unsigned int count, size_t size)
{
	struct runs *runs = runs_new(compare);
	char *text = mem_new(size + 16, 1);
	struct slice record;
	struct err err;

	for (unsigned int i = 0; i < count; i++) {
		size_t pad = size ? i % size : 0;

		snprintf(text, 16, "%08u", scatter(i));
		memset(text + 8, 'x', pad);
		text[8 + pad] = '\0';
		record = (struct slice){ text, 9 + pad };
		assert_int_equal(runs_add(runs, record, &err), 0);
	}
	for (int pass = 0; pass < 2; pass++) {
		unsigned int got = 0;
		long last = -1;

		assert_int_equal(runs_rewind(runs, &err), 0);
		while (runs_next(&record, runs, &err) > 0) {
			long number = strtol(record.at, NULL, 10);

			assert_true(number > last);
			assert_int_equal(strlen(record.at) + 1, record.len);
			last = number;
			got++;
		}
		assert_int_equal(got, count);
	}
	free(text);
	runs_free(runs);
}

static void records_come_back_in_order(void **state)
{
	(void)state;
	check(0, 0);
	check(1, 0);
	check(1000, 40);
}

static void what_does_not_fit_into_memory_is_merged(void **state)
{
	(void)state;
	/* Just below the limit, just above, and twenty runs. */
	check(2 * 1024 * 1024 / 13 - 1, 0);
	check(2 * 1024 * 1024 / 13 + 1, 0);
	check(200000, 400);
	/* Records longer than what is read at once. */
	check(200, 60000);
}

static void a_record_has_a_limit(void **state)
{
	static char big[RUNS_RECORD_MAX + 1];
	struct runs *runs = runs_new(compare);
	struct err err;

	(void)state;
	assert_int_equal(
		runs_add(runs, (struct slice){ big, RUNS_RECORD_MAX }, &err),
		0);
	assert_int_equal(
		runs_add(runs, (struct slice){ big, sizeof(big) }, &err), -1);
	assert_string_equal(err.text, "an entry of 65537 bytes");
	runs_free(runs);
}

static void a_scratch_file_needs_a_place(void **state)
{
	static char record[1024];
	struct runs *runs = runs_new(compare);
	struct err err = { 0 };
	int result = 0;

	(void)state;
	setenv("TMPDIR", "/nonexistent", 1);
	for (int i = 0; i < 2100 && result == 0; i++)
		result = runs_add(
			runs, (struct slice){ record, sizeof(record) }, &err);
	unsetenv("TMPDIR");
	assert_int_equal(result, -1);
	assert_string_equal(err.text, "a scratch file in /nonexistent: "
				      "No such file or directory");
	runs_free(runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back_in_order),
		cmocka_unit_test(what_does_not_fit_into_memory_is_merged),
		cmocka_unit_test(a_record_has_a_limit),
		cmocka_unit_test(a_scratch_file_needs_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
