#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/io.h"
#include "data/status.h"

static void handle(int sig)
{
	(void)sig;
}

static bool takes(const char *text, int sig)
{
	return status_takes_signal(slice_from(text), sig);
}

static void a_signal_is_taken_that_is_blocked_or_handled(void **state)
{
	static const char text[] = "Name:\tinit\n"
				   "SigPnd:\tffffffffffffffff\n"
				   "ShdPnd:\tffffffffffffffff\n"
				   "SigBlk:\t8000000000004000\n"
				   "SigIgn:\tffffffffffffffff\n"
				   "SigCgt:\t0000000000000003\n"
				   "CapInh:\tffffffffffffffff\n";

	(void)state;
	for (int sig = -1; sig <= 70; sig++)
		assert_int_equal(takes(text, sig), sig == 1 || sig == 2 ||
							   sig == 15 ||
							   sig == 64);
}

static void what_is_no_mask_takes_nothing(void **state)
{
	(void)state;
	assert_false(takes("", 15));
	assert_false(takes("SigBlk:", 15));
	assert_false(takes("SigBlk:\t4000\n", 15));
	assert_false(takes("SigBlk:\t00000000000040000\n", 15));
	assert_false(takes("SigBlk:\t000000000000400g\n", 15));
	assert_false(takes("SigBlk\t0000000000004000\n", 15));
	assert_true(takes("SigBlk:\t0000000000004000", 15));
}

static void this_process_is_seen_as_it_is(void **state)
{
	char *text;
	size_t len;
	sigset_t usr1;
	struct err err;

	(void)state;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	signal(SIGUSR2, handle);
	assert_int_equal(io_load(&text, &len, "/proc/self/status", 65536, &err),
			 0);
	assert_true(takes(text, SIGUSR1));
	assert_true(takes(text, SIGUSR2));
	assert_false(takes(text, SIGWINCH));
	free(text);
}

static void a_wait_for_signals_is_known_by_its_number(void **state)
{
	char text[64];

	(void)state;
	snprintf(text, sizeof(text), "%d 0x1 0x2 0x0 0x8 0x0 0x0 0x3 0x4\n",
		 SYS_rt_sigtimedwait);
	assert_true(status_awaits_signals(slice_from(text)));
	assert_true(status_awaits_signals(slice_from("421 0x1\n")));
	assert_false(status_awaits_signals(slice_from("running\n")));
	assert_false(status_awaits_signals(slice_from("-1 0x1 0x2\n")));
	assert_false(status_awaits_signals(slice_from("0 0x1 0x2\n")));
	assert_false(status_awaits_signals(slice_from("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_is_taken_that_is_blocked_or_handled),
		cmocka_unit_test(what_is_no_mask_takes_nothing),
		cmocka_unit_test(this_process_is_seen_as_it_is),
		cmocka_unit_test(a_wait_for_signals_is_known_by_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
