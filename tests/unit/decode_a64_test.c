/* The aarch64 decoder and its effects by table: words, and what they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "seccomp/decode_a64.h"
#include "seccomp/effect.h"

static bool decode_word(struct insn *out, uint32_t word)
{
	uint8_t bytes[4] = { (uint8_t)word, (uint8_t)(word >> 8),
			     (uint8_t)(word >> 16), (uint8_t)(word >> 24) };

	return decode_a64(out, bytes, sizeof(bytes));
}

static void flows(void **state)
{
	static const struct {
		uint32_t word;
		enum decode_flow flow;
		int64_t target; /* of direct jumps, from 0x1000 */
	} rows[] = {
		{ 0xd4000001, FLOW_SYSCALL, 0 },     /* svc #0 */
		{ 0xd4001001, FLOW_SYSCALL, 0 },     /* svc #0x80 */
		{ 0xd4200000, FLOW_STOP, 0 },	     /* brk #0 */
		{ 0x14000002, FLOW_JUMP, 0x1008 },   /* b */
		{ 0x17ffffff, FLOW_JUMP, 0xffc },    /* b, back */
		{ 0x94000400, FLOW_CALL, 0x2000 },   /* bl */
		{ 0x54000040, FLOW_BRANCH, 0x1008 }, /* b.eq */
		{ 0xb4ffffe0, FLOW_BRANCH, 0xffc },  /* cbz x0 */
		{ 0x37080048, FLOW_BRANCH, 0x1008 }, /* tbnz w8, #1 */
		{ 0xd61f0220, FLOW_JUMP_TO, 0 },     /* br x17 */
		{ 0xd63f0100, FLOW_CALL_TO, 0 },     /* blr x8 */
		{ 0xd71f0a30, FLOW_JUMP_TO, 0 },     /* braa x17, x16 */
		{ 0xd73f0800, FLOW_CALL_TO, 0 },     /* blraa x0, x0 */
		{ 0xd65f03c0, FLOW_RETURN, 0 },	     /* ret */
		{ 0xd65f0bff, FLOW_RETURN, 0 },	     /* retaa */
		{ 0xd503233f, FLOW_NEXT, 0 },	     /* paciasp */
		{ 0xd503245f, FLOW_NEXT, 0 },	     /* bti c */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct insn insn;

		assert_true(decode_word(&insn, rows[i].word));
		assert_int_equal(insn.flow, rows[i].flow);
		if (rows[i].target)
			assert_int_equal(decode_target(&insn, 0x1000),
					 rows[i].target);
	}
}

static void no_instructions(void **state)
{
	struct insn insn;

	(void)state;
	assert_false(decode_word(&insn, 0)); /* udf #0 */
	assert_false(decode_word(&insn, 0x0000ffff));
	assert_false(decode_a64(&insn, (const uint8_t *)"\1\0\0", 3));
}

static void addresses(void **state)
{
	static const struct {
		uint32_t word;
		uint64_t address; /* seen from 0x12344 */
	} rows[] = {
		{ 0x90000000, 0x12000 }, /* adrp x0, 0 */
		{ 0xb0000000, 0x13000 }, /* adrp x0, 1 */
		{ 0xf0ffffe0, 0x11000 }, /* adrp x0, -1 */
		{ 0x10000020, 0x12348 }, /* adr x0, 4 */
		{ 0x58000040, 0x1234c }, /* ldr x0, 8 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct insn insn;

		assert_true(decode_word(&insn, rows[i].word));
		assert_int_equal(insn.base, DECODE_RIP);
		assert_int_equal(decode_operand(&insn, 0x12344),
				 rows[i].address);
	}
}

static void operands(void **state)
{
	static const struct {
		uint32_t word;
		uint8_t base, index;
		int64_t disp;
	} rows[] = {
		{ 0xf9400211, 16, DECODE_NONE, 0 },   /* ldr x17, [x16] */
		{ 0xf94007e8, 31, DECODE_NONE, 8 },   /* ldr x8, [sp, #8] */
		{ 0xa9be7bfd, 31, DECODE_NONE, -32 }, /* stp ..., #-32]! */
		{ 0xf84107e8, 31, DECODE_NONE, 0 },   /* ldr x8, [sp], #16 */
		{ 0xf81f0fe8, 31, DECODE_NONE, -16 }, /* str x8, ..]! */
		{ 0x38604820, 1, 0, 0 }, /* ldrb w0, [x1, w0, uxtw] */
		{ 0x910043e0, 31, DECODE_NONE, 16 },	/* add x0, sp, #16 */
		{ 0xd14007e9, 31, DECODE_NONE, -4096 }, /* sub, lsl #12 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct insn insn;

		assert_true(decode_word(&insn, rows[i].word));
		assert_true(insn.has_memory);
		assert_int_equal(insn.base, rows[i].base);
		assert_int_equal(insn.index, rows[i].index);
		assert_int_equal(insn.disp, rows[i].disp);
	}
}

static void constants(void **state)
{
	static const struct {
		uint32_t word;
		uint64_t value;
	} rows[] = {
		{ 0xd2800b08, 88 },		    /* mov x8, #88 */
		{ 0x52801c08, 224 },		    /* mov w8, #224 */
		{ 0x92800000, UINT64_MAX },	    /* mov x0, #-1 */
		{ 0x12800000, UINT32_MAX },	    /* mov w0, #-1 */
		{ 0xb200e7e0, 0x3333333333333333 }, /* orr x0, xzr, ... */
		{ 0x320003e8, 1 },		    /* orr w8, wzr, #1 */
		{ 0xaa1f03e8, 0 },		    /* mov x8, xzr */
		{ 0xca080108, 0 },		    /* eor x8, x8, x8 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t mask;
		struct insn insn;
		struct effect e;

		assert_true(decode_word(&insn, rows[i].word));
		effect_of(&e, &insn);
		mask = e.width == 8 ? UINT64_MAX : UINT32_MAX;
		assert_int_equal(e.source, SOURCE_CONST);
		assert_int_equal((uint64_t)e.imm & mask, rows[i].value);
	}
}

static void effects(void **state)
{
	struct insn insn;
	struct effect e;

	(void)state;
	assert_true(decode_word(&insn, 0x93407c08)); /* sxtw x8, w0 */
	effect_of(&e, &insn);
	assert_int_equal(e.dest, 8);
	assert_int_equal(e.reg, 0);
	assert_int_equal(e.op, OP_SIGN);
	assert_int_equal(e.from_width, 4);

	assert_true(decode_word(&insn, 0xa9402027)); /* ldp x7, x8, [x1] */
	effect_of(&e, &insn);
	assert_int_equal(e.dest, 7);
	assert_int_equal(e.dest_next, 8);
	assert_int_equal(e.writes, REG_BIT(7) | REG_BIT(8));

	assert_true(decode_word(&insn, 0xa9be7bfd)); /* stp x29, x30, ..]! */
	effect_of(&e, &insn);
	assert_true(e.is_pair);
	assert_int_equal(e.store_width, 16);
	assert_int_equal(e.step, -32);
	assert_int_equal(e.writes, REG_BIT(A64_SP));

	assert_true(decode_word(&insn, 0x1a890108)); /* csel w8, w8, w9, eq */
	effect_of(&e, &insn);
	assert_int_equal(e.source, SOURCE_EITHER);
	assert_int_equal(e.reg, 8);
	assert_int_equal(e.other, 9);

	assert_true(decode_word(&insn, 0x7100011f)); /* cmp w8, #0 */
	effect_of(&e, &insn);
	assert_int_equal(e.writes, 0);

	assert_true(decode_word(&insn, 0xd5033bbf)); /* dmb ish */
	effect_of(&e, &insn);
	assert_int_equal(e.writes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows),     cmocka_unit_test(no_instructions),
		cmocka_unit_test(addresses), cmocka_unit_test(operands),
		cmocka_unit_test(constants), cmocka_unit_test(effects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
