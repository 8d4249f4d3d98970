#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "data/verdict.h"
#include "seccomp/compile.h"
#include "seccomp/policy.h"

static uint64_t random_state = 1;

static uint32_t draw(void)
{
	random_state = random_state * 6364136223846793005U + 1;
	return (uint32_t)(random_state >> 33);
}

/* A call with arguments of which some are small, as filters compare them. */
static struct bpf_data draw_call(const struct arch *arch)
{
	struct bpf_data call = { .nr = draw() % 600, .arch = arch->audit };

	if (draw() % 16 == 0)
		call.arch ^= 1U << draw() % 32;
	if (draw() % 16 == 0)
		call.nr |= 0x40000000;
	for (int i = 0; i < 6; i++)
		call.args[i] = draw() % 3 ? draw() % 64
					  : (uint64_t)draw() << draw() % 33;
	return call;
}

static void compare(const struct filter *filter, const struct arch *arch)
{
	struct bpf_result expected;
	struct err err;

	for (int i = 0; i < 100000; i++) {
		struct bpf_data call = draw_call(arch);
		uint32_t words[VERDICT_WORDS];

		memcpy(words, &call, sizeof(words));
		struct verdict verdict = verdict_run(filter, words);

		assert_int_equal(bpf_run(&expected, filter->insns,
					 filter->insn_count, &call, &err),
				 0);
		assert_int_equal(verdict.action, expected.action);
		assert_int_equal(verdict.by_arguments,
				 (expected.words >> 4) != 0);
	}
}

static void it_is_what_the_kernel_would_come_to(void **state)
{
	static const char *const texts[] = {
		"@default",
		"read\nwrite:EIO\nsocket: domain == AF_INET",
		"mmap: prot & PROT_EXEC == 0\nopenat: flags == 0 -> EACCES",
		"@system-service\nclone: flags < 5 -> kill",
	};

	(void)state;
	for (size_t a = 0; arch_all[a]; a++) {
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
			struct compile_options options = {
				.allow_exec =
					!arch_all[a]->exec_clears_registers
			};
			auto_policy struct policy policy = { 0 };
			auto_buf struct buf blob = { 0 };
			struct filter filter;
			struct err err = { 0 };

			policy_init(&policy, arch_all[a]);
			if (policy_parse(&policy, slice_from(texts[i]), &err) ||
			    compile_filter(&blob, &policy, &options, &err) ||
			    filter_parse(&filter, blob.at, blob.len, &err))
				fail_msg("%s: %s", texts[i], err.text);
			compare(&filter, arch_all[a]);
		}
	}
}

static void the_flag_says_that_ENOSYS_is_the_usual_answer(void **state)
{
	struct compile_options options = { 0 };
	struct filter filter;
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		auto_policy struct policy policy = { 0 };
		auto_buf struct buf blob = { 0 };

		policy_init(&policy, &arch_x86_64);
		assert_int_equal(policy_parse(&policy, SLICE("read"), &err), 0);
		if (i)
			policy.otherwise = 0x50000 | 38;
		assert_int_equal(compile_filter(&blob, &policy, &options, &err),
				 0);
		assert_int_equal(filter_parse(&filter, blob.at, blob.len, &err),
				 0);
		assert_int_equal(filter.flags & FILTER_ENOSYS,
				 i ? FILTER_ENOSYS : 0);
	}
}

static void what_is_no_program_is_a_refusal(void **state)
{
	static struct filter_insn insns[][2] = {
		{ { 0x20, 0, 0, 64 }, { 0x06, 0, 0, 0x7fff0000 } },
		{ { 0x05, 0, 0, UINT32_MAX }, { 0x06, 0, 0, 0x7fff0000 } },
		{ { 0x05, 0, 0, 1 }, { 0x06, 0, 0, 0x7fff0000 } },
		{ { 0x15, 200, 200, 0 }, { 0x06, 0, 0, 0x7fff0000 } },
		{ { 0x80, 0, 0, 0 }, { 0x06, 0, 0, 0x7fff0000 } },
		{ { 0x20, 0, 0, 0 }, { 0x20, 0, 0, 0 } },
	};
	static const uint32_t words[VERDICT_WORDS];

	(void)state;
	for (size_t i = 0; i < sizeof(insns) / sizeof(insns[0]); i++) {
		struct filter filter = { .insns = insns[i], .insn_count = 2 };

		assert_int_equal(verdict_run(&filter, words).action, 0x50001);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_the_kernel_would_come_to),
		cmocka_unit_test(the_flag_says_that_ENOSYS_is_the_usual_answer),
		cmocka_unit_test(what_is_no_program_is_a_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
