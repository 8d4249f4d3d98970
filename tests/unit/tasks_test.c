#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "seccomp/tasks.h"

enum { TIDS = 5000 };

static bool is_in[TIDS];

/* Against an array of flags, which cannot be wrong. */
static void a_table_holds_what_was_put_in(void **state)
{
	struct tasks tasks = { 0 };
	size_t count = 0;

	(void)state;
	srandom(1);
	assert_null(tasks_find(&tasks, 1));
	tasks_remove(&tasks, 1);
	for (int i = 0; i < 200000; i++) {
		/* At first many, then few: both long runs and gaps. */
		int tid = 1 + (int)(random() % (i < 100000 ? TIDS - 1 : 300));

		if (is_in[tid]) {
			assert_int_equal(tasks_find(&tasks, tid)->tid, tid);
			assert_int_equal(tasks_find(&tasks, tid)->changed_from,
					 (uint64_t)tid);
			tasks_remove(&tasks, tid);
			count--;
		} else {
			assert_null(tasks_find(&tasks, tid));
			tasks_add(&tasks, tid)->changed_from = (uint64_t)tid;
			count++;
		}
		is_in[tid] = !is_in[tid];
		assert_int_equal(tasks.count, count);
	}
	for (int tid = 1; tid < TIDS; tid++)
		assert_int_equal(tasks_find(&tasks, tid) != NULL, is_in[tid]);
	tasks_free(&tasks);
	assert_null(tasks_find(&tasks, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_holds_what_was_put_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
