#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/notice.h"

static void lines_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		unsigned int what;
	} cases[] = {
		{ "READY=1", NOTICE_READY },
		{ "READY=1\n", NOTICE_READY },
		{ "STATUS=x\nREADY=1\nMAINPID=7\n", NOTICE_READY },
		{ "STOPPING=1\nWATCHDOG=1", NOTICE_STOPPING | NOTICE_ALIVE },
		{ "WATCHDOG=trigger", NOTICE_STUCK },
		{ "", 0 },
		{ "\n\n", 0 },
		{ "READY=0", 0 },
		{ "READY=11", 0 },
		{ "READY=1 ", 0 },
		{ " READY=1", 0 },
		{ "READY", 0 },
		{ "WATCHDOG=triggers", 0 },
		{ "STATUS=READY=1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(notice_parse(slice_from(cases[i].text)).what,
				 cases[i].what);
}

static void microseconds_are_rounded_up(void **state)
{
	(void)state;
	struct notice notice = notice_parse(
		SLICE("EXTEND_TIMEOUT_USEC=1001\nWATCHDOG_USEC=1"));

	assert_int_equal(notice.what, NOTICE_EXTEND | NOTICE_INTERVAL);
	assert_int_equal(notice.extend_ms, 2);
	assert_int_equal(notice.interval_ms, 1);
	notice = notice_parse(SLICE("WATCHDOG_USEC=18446744073709551615"));
	assert_int_equal(notice.interval_ms, UINT64_MAX / 1000 + 1);
	notice = notice_parse(SLICE("WATCHDOG_USEC=0\nWATCHDOG_USEC=5000"));
	assert_int_equal(notice.interval_ms, 5);
}

static void numbers_that_are_none_are_left_out(void **state)
{
	static const char *const bad[] = {
		"EXTEND_TIMEOUT_USEC=",
		"EXTEND_TIMEOUT_USEC=-1",
		"EXTEND_TIMEOUT_USEC=1s",
		"EXTEND_TIMEOUT_USEC=18446744073709551616",
		"WATCHDOG_USEC= 1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(notice_parse(slice_from(bad[i])).what, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_told_apart),
		cmocka_unit_test(microseconds_are_rounded_up),
		cmocka_unit_test(numbers_that_are_none_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
