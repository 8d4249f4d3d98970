/* Bytes that are said to call nobody, against every instruction in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "seccomp/machine.h"

enum { LEN = 24, ROUNDS = 300000 };

/* Few values, among them all that system calls are made of. */
static uint8_t a_byte(void)
{
	static const uint8_t bytes[] = { 0x0f, 0x05, 0x34, 0xcd, 0x80, 0xd4,
					 0x01, 0x00, 0x48, 0x66, 0x90, 0xe0 };
	size_t i = (size_t)random() % (2 * sizeof(bytes));

	return i < sizeof(bytes) ? bytes[i] : (uint8_t)random();
}

static bool calls(const struct machine *machine, const uint8_t *bytes,
		  size_t len)
{
	struct insn insn;

	for (size_t i = 0; i < len; i++)
		if (machine->decode(&insn, bytes + i, len - i) &&
		    (insn.flow == FLOW_SYSCALL || insn.flow == FLOW_FOREIGN))
			return true;
	return false;
}

static void no_call_is_overlooked(void **state)
{
	(void)state;
	srandom(1);
	for (int m = 0; machine_all[m]; m++) {
		unsigned both = 0, neither = 0;

		for (int i = 0; i < ROUNDS; i++) {
			uint8_t bytes[LEN];
			size_t len = (size_t)random() % (LEN + 1);

			for (size_t n = 0; n < len; n++)
				bytes[n] = a_byte();
			bool may = machine_all[m]->may_call(bytes, len);
			bool does = calls(machine_all[m], bytes, len);

			assert_false(does && !may);
			both += does && may;
			neither += !does && !may;
		}
		/* Both answers are given, and often. */
		assert_true(both > ROUNDS / 1000);
		assert_true(neither > ROUNDS / 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_call_is_overlooked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
