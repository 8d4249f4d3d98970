/* The decoder by table: bytes as text, and what they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "seccomp/decode_x86.h"

static size_t bytes_of(uint8_t *out, const char *text)
{
	size_t count = 0;
	char *end;

	for (; *text; text = *end ? end + 1 : end)
		out[count++] = (uint8_t)strtoul(text, &end, 16);
	return count;
}

static bool decode_text(struct insn *out, const char *text)
{
	uint8_t bytes[32] = { 0 };
	size_t len = bytes_of(bytes, text);

	return decode_x86(out, bytes, len);
}

static void lengths_are_those_of_the_manual(void **state)
{
	static const struct {
		const char *bytes;
		uint8_t len;
		enum decode_flow flow;
	} rows[] = {
		{ "90", 1, FLOW_NEXT },
		{ "0f 05", 2, FLOW_SYSCALL },
		{ "0f 34", 2, FLOW_FOREIGN },
		{ "cd 80", 2, FLOW_FOREIGN },
		{ "cd 03", 2, FLOW_NEXT },
		{ "c3", 1, FLOW_RETURN },
		{ "f3 c3", 2, FLOW_RETURN },
		{ "c2 08 00", 3, FLOW_RETURN },
		{ "e8 00 00 00 00", 5, FLOW_CALL },
		{ "66 66 48 e8 00 00 00 00", 8, FLOW_CALL },
		{ "66 e8 00 00 00 00", 6, FLOW_CALL },
		{ "f2 e9 00 00 00 00", 6, FLOW_JUMP },
		{ "0f 84 00 01 00 00", 6, FLOW_BRANCH },
		{ "e3 fe", 2, FLOW_BRANCH },
		{ "c7 f8 00 00 00 00", 6, FLOW_BRANCH }, /* xbegin */
		{ "ff d0", 2, FLOW_CALL_TO },
		{ "3e ff e0", 3, FLOW_JUMP_TO },
		{ "41 ff 24 24", 4, FLOW_JUMP_TO },
		{ "0f 0b", 2, FLOW_STOP },
		{ "f4", 1, FLOW_STOP },
		{ "b8 3c 00 00 00", 5, FLOW_NEXT },
		{ "66 b8 3c 00", 4, FLOW_NEXT },
		{ "48 b8 01 02 03 04 05 06 07 08", 10, FLOW_NEXT },
		{ "66 48 b8 01 02 03 04 05 06 07 08", 11, FLOW_NEXT },
		{ "48 66 b8 01 02", 5, FLOW_NEXT }, /* REX is dropped */
		{ "a1 01 02 03 04 05 06 07 08", 9, FLOW_NEXT },
		{ "67 a1 01 02 03 04", 6, FLOW_NEXT },
		{ "f6 c0 01", 3, FLOW_NEXT }, /* test has an immediate, */
		{ "f6 d0", 2, FLOW_NEXT },    /* not has none */
		{ "f7 c0 01 00 00 00", 6, FLOW_NEXT },
		{ "66 f7 c0 01 00", 5, FLOW_NEXT },
		{ "c8 10 00 00", 4, FLOW_NEXT },
		{ "48 8b 04 25 00 00 00 00", 8, FLOW_NEXT },
		{ "42 8b 04 a5 00 00 00 00", 8, FLOW_NEXT },
		{ "8b 44 24 08", 4, FLOW_NEXT },
		{ "8b 05 01 00 00 00", 6, FLOW_NEXT },
		{ "f3 0f 1e fa", 4, FLOW_NEXT }, /* endbr64 */
		{ "66 2e 0f 1f 84 00 00 00 00 00", 10, FLOW_NEXT },
		{ "66 0f 3a 0f c1 08", 6, FLOW_NEXT },
		{ "66 0f 38 00 c1", 5, FLOW_NEXT },
		{ "66 0f 78 c0 01 02", 6, FLOW_NEXT }, /* extrq */
		{ "0f 0f c1 9e", 4, FLOW_NEXT },       /* 3DNow! */
		{ "c5 f8 77", 3, FLOW_NEXT },	       /* vzeroupper */
		{ "c5 fd 6f 08", 4, FLOW_NEXT },
		{ "c4 e3 7d 39 c1 01", 6, FLOW_NEXT },
		{ "62 f1 7f c9 6f 0f", 6, FLOW_NEXT },
		{ "62 f3 4d 48 3f ca 00", 7, FLOW_NEXT },
		{ "8f e9 78 e1 c1", 5, FLOW_NEXT }, /* XOP vphadd */
		{ "8f e8 78 c0 c1 02", 6, FLOW_NEXT },
		{ "8f 00", 2, FLOW_NEXT }, /* pop (%rax), the same byte */
		{ "f0 0f b1 0f", 4, FLOW_NEXT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct insn insn;

		if (!decode_text(&insn, rows[i].bytes) ||
		    insn.len != rows[i].len || insn.flow != rows[i].flow)
			fail_msg("%s: length %u, flow %u", rows[i].bytes,
				 insn.len, insn.flow);
	}
}

static void no_instruction(void **state)
{
	static const char *const rows[] = {
		"",	 "06",	     "82 c0 01",    "9a",
		"d6",	 "0f 04",    "0f",	    "48",
		"8b",	 "8b 04",    "e8 00 00 00", "8d c0",
		"ff f8", "c4",	     "62 f1 7f",    "48 c5 f8 77",
		"c6 c8", "66 66 66", "0f 38"
	};
	struct insn insn;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (decode_text(&insn, rows[i]))
			fail_msg("%s: length %u", rows[i], insn.len);
	/* Fifteen bytes are the limit, and one more is none. */
	assert_true(decode_text(&insn, "66 66 66 66 66 66 66 66 66 66 66 66 66 "
				       "66 90"));
	assert_int_equal(insn.len, 15);
	assert_false(decode_text(&insn, "66 66 66 66 66 66 66 66 66 66 66 66 "
					"66 66 66 90"));
}

static void memory_operands(void **state)
{
	static const struct {
		const char *bytes;
		uint8_t reg, base, index, scale;
		int64_t disp;
	} rows[] = {
		{ "8b 44 24 08", 0, 4, DECODE_NONE, 1, 8 },
		{ "44 8b 6d f8", 13, 5, DECODE_NONE, 1, -8 },
		{ "8b 05 10 00 00 00", 0, DECODE_RIP, DECODE_NONE, 1, 16 },
		{ "42 8b 04 a5 00 10 00 00", 0, DECODE_NONE, 12, 4, 4096 },
		{ "43 8b 44 65 80", 0, 13, 12, 2, -128 },
		{ "41 8b 45 00", 0, 13, DECODE_NONE, 1, 0 },
		{ "8b 04 25 00 00 00 80", 0, DECODE_NONE, DECODE_NONE, 1,
		  -0x80000000ll },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct insn insn;

		assert_true(decode_text(&insn, rows[i].bytes));
		assert_true(insn.has_memory);
		assert_int_equal(insn.reg, rows[i].reg);
		assert_int_equal(insn.base, rows[i].base);
		assert_int_equal(insn.index, rows[i].index);
		assert_int_equal(insn.scale, rows[i].scale);
		assert_true(insn.disp == rows[i].disp);
	}
}

static void numbers_and_targets(void **state)
{
	struct insn insn;

	(void)state;
	assert_true(decode_text(&insn, "b8 ff ff ff ff"));
	assert_true(insn.imm == -1);
	assert_true(decode_text(&insn, "48 b8 01 02 03 04 05 06 07 80"));
	assert_true((uint64_t)insn.imm == 0x8007060504030201ull);
	assert_true(decode_text(&insn, "eb fe"));
	assert_true(decode_target(&insn, 0x1000) == 0x1000);
	assert_true(decode_text(&insn, "e8 fb ff ff ff"));
	assert_true(decode_target(&insn, 0x1000) == 0x1000);
	assert_true(decode_text(&insn, "e9 00 01 00 00"));
	assert_true(decode_target(&insn, 0x1000) == 0x1105);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_those_of_the_manual),
		cmocka_unit_test(no_instruction),
		cmocka_unit_test(memory_operands),
		cmocka_unit_test(numbers_and_targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
