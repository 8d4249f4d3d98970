#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "tool/guard.h"
#include "tool/told.h"

/* What all processes of a test see. */
static volatile struct seen {
	int sig;
	int cleanings;
	pid_t worker, cleaner;
	int is_leader;
} * seen;

static int setup(void **state)
{
	sigset_t before;

	(void)state;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	told_take(&before);
	return seen == MAP_FAILED;
}

static void clean(void *arg)
{
	(void)arg;
	seen->cleaner = getpid();
	seen->cleanings++;
}

static int run(int (*work)(void *arg, struct err *err), void *arg,
	       struct err *err)
{
	memset((void *)(uintptr_t)seen, 0, sizeof(*seen));
	return guard_run(&(struct guard){ work, clean, arg }, err);
}

static int answer(void *arg, struct err *err)
{
	(void)err;
	seen->worker = getpid();
	seen->is_leader = getsid(0) == getpid();
	return *(int *)arg;
}

static void the_answer_comes_from_a_session_of_its_own(void **state)
{
	struct err err;

	(void)state;
	for (int code = 0; code < 256; code += 51) {
		assert_int_equal(run(answer, &code, &err), code);
		assert_int_not_equal(seen->worker, getpid());
		assert_true(seen->is_leader);
		assert_int_equal(seen->cleanings, 1);
		assert_int_equal(seen->cleaner, seen->worker);
	}
	assert_false(guard_has_children());
}

static int refuse(void *arg, struct err *err)
{
	return err_set(err, 0, "%s: did not work", (const char *)arg);
}

static void the_reason_of_a_failure_comes_with_it(void **state)
{
	char what[] = "it";
	struct err err;

	(void)state;
	assert_int_equal(run(refuse, what, &err), -1);
	assert_string_equal(err.text, "it: did not work");
	assert_int_equal(seen->cleanings, 1);
}

static int be_killed(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	/* What it leaves behind is the first one's. */
	if (fork() == 0) {
		usleep(50000);
		_exit(0);
	}
	return raise(SIGKILL);
}

/* Until what a guard of this test left has ended and was waited for. */
static void wait_for_orphans(void)
{
	for (int i = 0; i < 500 && guard_has_children(); i++)
		usleep(10000);
	assert_false(guard_has_children());
}

static void the_first_cleans_up_after_a_killed_second(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(run(be_killed, NULL, &err), -1);
	assert_non_null(strstr(err.text, "signal 9"));
	assert_int_equal(seen->cleanings, 1);
	assert_int_equal(seen->cleaner, getpid());
	assert_true(guard_has_children());
	wait_for_orphans();
}

static int listen(void *arg, struct err *err)
{
	int sig;

	(void)arg;
	(void)err;
	seen->worker = getpid();
	do
		sig = told_wait(5000);
	while (sig == SIGCHLD);
	seen->sig = sig;
	return sig;
}

static void what_the_first_is_told_the_second_is(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT,	 SIGHUP,  SIGQUIT,
				       SIGUSR1, SIGUSR2, SIGWINCH };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		/* Told before: kept. */
		raise(signals[i]);
		assert_int_equal(run(listen, NULL, &err), signals[i]);
	}
}

static void the_second_is_told_that_the_first_was_killed(void **state)
{
	struct err err;

	(void)state;
	memset((void *)(uintptr_t)seen, 0, sizeof(*seen));
	pid_t pid = fork();

	if (pid == 0)
		_exit(run(listen, NULL, &err));
	for (int i = 0; i < 500 && !seen->worker; i++)
		usleep(10000);
	assert_int_not_equal(seen->worker, 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	for (int i = 0; i < 500 && !seen->cleanings; i++)
		usleep(10000);
	assert_int_equal(seen->sig, SIGTERM);
	assert_int_equal(seen->cleanings, 1);
	assert_int_equal(seen->cleaner, seen->worker);
	/* It has cleaned up, but may not have ended: its end is told too. */
	wait_for_orphans();
}

static void a_signal_to_end_is_known_before_it_is_waited_for(void **state)
{
	(void)state;
	/* Of the children of other tests, all of which have ended. */
	while (told_wait(0) == SIGCHLD)
		;
	assert_int_equal(told_to_end(), 0);
	raise(SIGUSR1);
	assert_int_equal(told_to_end(), 0);
	raise(SIGHUP);
	assert_int_equal(told_to_end(), SIGHUP);
	assert_int_equal(told_wait(0), SIGHUP);
	assert_int_equal(told_wait(TOLD_FOR_EVER), SIGUSR1);
	assert_int_equal(told_wait(20), 0);
	assert_int_equal(told_to_end(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_answer_comes_from_a_session_of_its_own),
		cmocka_unit_test(the_reason_of_a_failure_comes_with_it),
		cmocka_unit_test(the_first_cleans_up_after_a_killed_second),
		cmocka_unit_test(what_the_first_is_told_the_second_is),
		cmocka_unit_test(the_second_is_told_that_the_first_was_killed),
		cmocka_unit_test(
			a_signal_to_end_is_known_before_it_is_waited_for),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
