#include "data/bpf.h"

#include <linux/filter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/filter.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define insn struct filter_insn

static const struct bpf_data sample = {
	.nr = 7,
	.arch = 0xc000003e,
	.ip = 0x1122334455667788,
	.args = { 0x0000000200000001, 2, 3, 4, 5, 0xffffffff00000006 },
};

static struct bpf_result run(const insn *insns, size_t count)
{
	struct bpf_result out;
	struct err err = { 0 };

	if (bpf_run(&out, insns, count, &sample, &err) < 0)
		fail_msg("%s", err.text);
	return out;
}

static bool runs(const insn *insns, size_t count)
{
	struct bpf_result out;
	struct err err;

	return bpf_run(&out, insns, count, &sample, &err) == 0;
}

static bool is_valid(const insn *insns, size_t count)
{
	struct err err;

	return bpf_check(insns, count, &err) == 0;
}

static void loads_see_the_kernels_layout(void **state)
{
	static const struct {
		uint32_t offset;
		uint32_t value;
	} rows[] = {
		{ 0, 7 },	    { 4, 0xc000003e }, { 8, 0x55667788 },
		{ 12, 0x11223344 }, { 16, 1 },	       { 20, 2 },
		{ 24, 2 },	    { 32, 3 },	       { 56, 6 },
		{ 60, 0xffffffff },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		insn program[] = { bpf_load(rows[i].offset),
				   { BPF_RET | BPF_A, 0, 0, 0 } };
		struct bpf_result got = run(program, 2);

		assert_int_equal(got.action, rows[i].value);
		assert_int_equal(got.words, bpf_word(rows[i].offset));
	}
	assert_int_equal(bpf_arg_low(5), 56);
	assert_int_equal(bpf_arg_high(0), 20);
}

static void arithmetic_is_the_kernels(void **state)
{
	static const struct {
		uint16_t op;
		uint32_t a, k, result;
	} rows[] = {
		{ BPF_ADD, 0xffffffff, 2, 1 },	{ BPF_SUB, 1, 2, 0xffffffff },
		{ BPF_MUL, 0x80000001, 2, 2 },	{ BPF_DIV, 7, 2, 3 },
		{ BPF_AND, 12, 10, 8 },		{ BPF_OR, 12, 10, 14 },
		{ BPF_XOR, 12, 10, 6 },		{ BPF_LSH, 3, 31, 0x80000000 },
		{ BPF_RSH, 0x80000000, 31, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		insn by_k[] = {
			{ BPF_LD | BPF_IMM, 0, 0, rows[i].a },
			{ BPF_ALU | BPF_K | rows[i].op, 0, 0, rows[i].k },
			{ BPF_RET | BPF_A, 0, 0, 0 },
		};
		insn by_x[] = {
			{ BPF_LDX | BPF_IMM, 0, 0, rows[i].k },
			{ BPF_LD | BPF_IMM, 0, 0, rows[i].a },
			{ BPF_ALU | BPF_X | rows[i].op, 0, 0, 0 },
			{ BPF_RET | BPF_A, 0, 0, 0 },
		};

		assert_true(is_valid(by_k, 3));
		assert_int_equal(run(by_k, 3).action, rows[i].result);
		assert_true(is_valid(by_x, 4));
		assert_int_equal(run(by_x, 4).action, rows[i].result);
	}
}

static void division_by_a_zero_x_returns_zero(void **state)
{
	static const insn program[] = {
		{ BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0 },
		{ BPF_RET | BPF_K, 0, 0, 0x7fff0000 },
	};

	(void)state;
	assert_int_equal(run(program, 2).action, 0);
}

static void jumps_take_the_right_side(void **state)
{
	static const struct {
		uint16_t op;
		uint32_t a, k;
		bool holds;
	} rows[] = {
		{ BPF_JEQ, 5, 5, true },	  { BPF_JEQ, 5, 6, false },
		{ BPF_JGT, 0x80000000, 5, true }, { BPF_JGT, 5, 5, false },
		{ BPF_JGE, 5, 5, true },	  { BPF_JGE, 4, 5, false },
		{ BPF_JSET, 6, 4, true },	  { BPF_JSET, 6, 9, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		insn program[] = {
			{ BPF_LD | BPF_IMM, 0, 0, rows[i].a },
			{ BPF_JMP | BPF_K | rows[i].op, 1, 0, rows[i].k },
			bpf_return(0),
			bpf_return(1),
		};

		assert_int_equal(run(program, 4).action, rows[i].holds);
	}
	insn far[] = { bpf_skip(1), bpf_return(0), bpf_return(1) };

	assert_int_equal(run(far, 3).action, 1);
}

static void memory_cells_keep_values(void **state)
{
	static const insn program[] = {
		{ BPF_LD | BPF_IMM, 0, 0, 42 },
		{ BPF_ST, 0, 0, 15 },
		{ BPF_LDX | BPF_MEM, 0, 0, 15 },
		{ BPF_MISC | BPF_TXA, 0, 0, 0 },
		{ BPF_STX, 0, 0, 0 },
		{ BPF_LD | BPF_MEM, 0, 0, 0 },
		{ BPF_RET | BPF_A, 0, 0, 0 },
	};

	(void)state;
	assert_true(is_valid(program, COUNT(program)));
	assert_int_equal(run(program, COUNT(program)).action, 42);
}

static void hostile_programs_end_in_an_error(void **state)
{
	static const insn bad[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 64 },
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 2 },
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 0xfffffffc },
		{ BPF_LD | BPF_H | BPF_ABS, 0, 0, 0 },
		{ BPF_LD | BPF_W | BPF_IND, 0, 0, 0 },
		{ BPF_LD | BPF_MEM, 0, 0, 16 },
		{ BPF_ST, 0, 0, 0xffffffff },
		{ BPF_ALU | BPF_MOD | BPF_K, 0, 0, 3 },
		{ BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0 },
		{ BPF_ALU | BPF_LSH | BPF_K, 0, 0, 32 },
		{ BPF_JMP | BPF_JA, 0, 0, 0xffffffff },
		{ BPF_JMP | BPF_JA, 0, 0, 1 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 255, 1 },
		{ BPF_JMP | 0x50, 0, 0, 0 },
		{ BPF_RET | BPF_X, 0, 0, 0 },
		{ 0x106, 0, 0, 0 },
		{ 0xffff, 255, 255, 0xffffffff },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		insn program[] = { bad[i], bpf_return(0) };

		assert_false(is_valid(program, 2));
		assert_false(runs(program, 2));
	}
	assert_false(runs(NULL, 0));
	assert_false(is_valid(NULL, 0));
}

static void check_refuses_what_a_run_may_not_show(void **state)
{
	static const insn no_return[] = { { BPF_LD | BPF_IMM, 0, 0, 0 } };
	static const insn unwritten[] = { { BPF_LD | BPF_MEM, 0, 0, 3 },
					  { BPF_RET | BPF_A, 0, 0, 0 } };
	/* One of two ways to the load writes the cell. */
	static const insn one_way[] = {
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0 },
		{ BPF_ST, 0, 0, 3 },
		{ BPF_LD | BPF_MEM, 0, 0, 3 },
		{ BPF_RET | BPF_A, 0, 0, 0 },
	};
	static const insn both_ways[] = {
		{ BPF_ST, 0, 0, 3 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0 },
		{ BPF_ST, 0, 0, 4 },
		{ BPF_LD | BPF_MEM, 0, 0, 3 },
		{ BPF_RET | BPF_A, 0, 0, 0 },
	};

	(void)state;
	assert_false(is_valid(no_return, 1));
	assert_false(is_valid(unwritten, 2));
	assert_false(is_valid(one_way, 4));
	assert_true(is_valid(both_ways, 5));
}

static void check_counts_instructions(void **state)
{
	static insn many[FILTER_INSNS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = bpf_return(0);
	assert_true(is_valid(many, FILTER_INSNS_MAX));
	assert_false(is_valid(many, FILTER_INSNS_MAX + 1));
}

static void printing_names_loads_and_actions(void **state)
{
	static const insn program[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 4 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0xc000003e },
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 28 },
		{ BPF_JMP | BPF_JA, 0, 0, 0 },
		{ BPF_RET | BPF_K, 0, 0, 0x50026 },
		{ BPF_RET | BPF_K, 0, 0, 0x80000000 },
		{ BPF_RET | BPF_K, 0, 0, 0x7fff0000 },
		{ 0xbad, 1, 2, 3 },
		{ BPF_RET | BPF_K, 0, 0, 0x12345678 },
	};
	auto_buf struct buf text = { 0 };

	(void)state;
	bpf_print(&text, program, COUNT(program));
	assert_string_equal(text.at, "l0:\tld [4]\t; arch\n"
				     "l1:\tjeq #0xc000003e, l2, l5\n"
				     "l2:\tld [28]\t; argument 1 high\n"
				     "l3:\tja l4\n"
				     "l4:\tret #0x50026\t; errno ENOSYS\n"
				     "l5:\tret #0x80000000\t; kill\n"
				     "l6:\tret #0x7fff0000\t; allow\n"
				     "l7:\t; 0xbad 1 2 0x3 is no instruction\n"
				     "l8:\tret #0x12345678\t; 0x12345678\n");
}

static void reach_follows_every_way_of_a_call(void **state)
{
	static const insn program[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },	/* 0: nr */
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 7 }, /* 1: 7? */
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 16 }, /* 2: argument 0 */
		{ BPF_ALU | BPF_AND | BPF_K, 0, 0, 3 }, /* 3 */
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 7 }, /* 4: either way */
		{ BPF_RET | BPF_K, 0, 0, 1 },		/* 5 */
		{ BPF_RET | BPF_K, 0, 0, 2 },		/* 6 */
		{ BPF_RET | BPF_K, 0, 0, 3 },		/* 7 */
	};
	static const uint8_t of_7[] = { 1, 1, 1, 1, 1, 1, 1, 0 };
	static const uint8_t of_8[] = { 1, 1, 0, 0, 0, 0, 0, 1 };
	struct bpf_data call = { .nr = 7 };
	uint8_t reached[COUNT(program)];
	struct err err;

	(void)state;
	assert_int_equal(bpf_reach(reached, program, 8, &call, &err), 0);
	assert_memory_equal(reached, of_7, sizeof(reached));
	call.nr = 8;
	assert_int_equal(bpf_reach(reached, program, 8, &call, &err), 0);
	assert_memory_equal(reached, of_8, sizeof(reached));
	assert_int_equal(bpf_reach(reached, program, 5, &call, &err), -1);
}

/* Two ways meet, of which one has changed A. */
static void reach_forgets_what_ways_disagree_on(void **state)
{
	static const insn program[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 16 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1 },
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 7 },
		{ BPF_RET | BPF_K, 0, 0, 1 },
		{ BPF_RET | BPF_K, 0, 0, 2 },
	};
	struct bpf_data call = { .nr = 8 };
	uint8_t reached[COUNT(program)];
	struct err err;

	(void)state;
	assert_int_equal(bpf_reach(reached, program, 6, &call, &err), 0);
	assert_int_equal(reached[4] + reached[5], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_see_the_kernels_layout),
		cmocka_unit_test(arithmetic_is_the_kernels),
		cmocka_unit_test(division_by_a_zero_x_returns_zero),
		cmocka_unit_test(jumps_take_the_right_side),
		cmocka_unit_test(memory_cells_keep_values),
		cmocka_unit_test(hostile_programs_end_in_an_error),
		cmocka_unit_test(check_refuses_what_a_run_may_not_show),
		cmocka_unit_test(check_counts_instructions),
		cmocka_unit_test(printing_names_loads_and_actions),
		cmocka_unit_test(reach_follows_every_way_of_a_call),
		cmocka_unit_test(reach_forgets_what_ways_disagree_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
