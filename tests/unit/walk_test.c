/*
 * What a walk through a function keeps of its frame, by table: a few
 * instructions, what rax holds behind them, and whether anybody else may know
 * an address of the frame.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "seccomp/decode_x86.h"
#include "seccomp/machine.h"
#include "seccomp/walk_state.h"

enum { CODE_MAX = 64 };

struct row {
	const char *what;
	const char *code;
	enum walk_kind kind;
	int64_t value;
	bool is_shown;
};

static const struct row rows[] = {
	{ "an argument through a caller's slot",
	  "48 89 74 24 08 48 8b 44 24 08", WALK_FIRST, REG_SI, false },
	{ "the first argument on the stack, by a pointer in the frame",
	  "48 83 ec 40 48 8d 4c 24 48 48 89 4c 24 10 48 8b 54 24 10 48 8b 02",
	  WALK_PASSED, 8, false },
	{ "a saved register, by an index",
	  "48 83 ec 40 c7 04 24 08 00 00 00 48 89 54 24 28 8b 04 24 "
	  "48 8d 4c 24 20 48 8b 04 01",
	  WALK_FIRST, REG_DX, false },
	{ "a saved register, by a sum",
	  "48 83 ec 40 c7 04 24 08 00 00 00 48 89 54 24 28 8b 04 24 "
	  "48 8d 4c 24 20 48 01 c8 48 8b 00",
	  WALK_FIRST, REG_DX, false },
	{ "a saved register, by a sum with memory",
	  "48 83 ec 40 48 89 4c 24 28 48 8d 4c 24 20 48 89 4c 24 10 "
	  "b8 08 00 00 00 48 03 44 24 10 48 8b 00",
	  WALK_FIRST, REG_CX, false },
	{ "push and pop", "56 58", WALK_FIRST, REG_SI, false },
	{ "a frame by rbp", "55 48 89 e5 56 48 8b 45 f8 c9", WALK_FIRST, REG_SI,
	  false },
	{ "a comparison shows nothing", "48 89 e1 48 39 cf 48 89 f8",
	  WALK_FIRST, REG_DI, false },
	{ "an address that is overwritten", "48 89 e1 b9 01 00 00 00 48 89 f8",
	  WALK_FIRST, REG_DI, false },
	{ "an address stored elsewhere", "48 89 27 48 89 f8", WALK_FIRST,
	  REG_DI, true },
	{ "an address in a vector", "66 48 0f 6e c4 48 89 f8", WALK_FIRST,
	  REG_DI, true },
	{ "an address that is rounded", "48 89 e1 48 83 e1 f0 48 89 f8",
	  WALK_FIRST, REG_DI, true },
	{ "an address and what is not known", "48 89 e1 48 01 f9 48 89 f8",
	  WALK_FIRST, REG_DI, true },
	{ "half of an address", "48 89 64 24 f8 8b 44 24 f8", WALK_UNKNOWN, 0,
	  true },
	{ "memory with an address in a vector",
	  "48 89 64 24 f8 0f 10 44 24 f8 48 89 f8", WALK_FIRST, REG_DI, true },
	{ "an address that is changed in memory",
	  "48 89 64 24 f8 48 83 44 24 f8 08 48 8b 44 24 f8", WALK_UNKNOWN, 0,
	  true },
	{ "the upper half is stored over",
	  "48 89 74 24 f8 c7 44 24 fc 01 00 00 00 48 8b 44 24 f8", WALK_UNKNOWN,
	  0, false },
	{ "a byte is stored over",
	  "48 89 74 24 f8 c6 44 24 fb 01 48 8b 44 24 f8", WALK_UNKNOWN, 0,
	  false },
	{ "a vector beside it", "48 89 74 24 f8 0f 11 44 24 e8 48 8b 44 24 f8",
	  WALK_FIRST, REG_SI, false },
	{ "a vector over it", "48 89 74 24 f8 0f 11 44 24 f0 48 8b 44 24 f8",
	  WALK_UNKNOWN, 0, false },
	{ "a store through a pointer that is no address of the frame",
	  "48 89 74 24 f8 48 89 17 48 8b 44 24 f8", WALK_FIRST, REG_SI, false },
	{ "a store through a pointer that may be one",
	  "48 89 74 24 f8 48 89 27 48 89 11 48 8b 44 24 f8", WALK_UNKNOWN, 0,
	  true },
	{ "a store by an index that is not known",
	  "48 89 74 24 f8 48 89 54 3c f0 48 8b 44 24 f8", WALK_UNKNOWN, 0,
	  false },
	{ "one of two", "48 89 f0 48 85 ff 48 0f 44 c2", WALK_UNKNOWN, 0,
	  false },
};

static void walk(struct walk_state *state, const struct row *row)
{
	uint8_t code[CODE_MAX] = { 0 };
	size_t count = 0;
	struct insn insn;
	char *end;

	for (const char *c = row->code; *c; c = *end ? end + 1 : end)
		code[count++] = (uint8_t)strtoul(c, &end, 16);
	walk_state_begin(state, 0, &machine_x86_64);
	while (state->at < count) {
		assert_true(
			decode_x86(&insn, code + state->at, count - state->at));
		if (!walk_state_step(state, &insn))
			fail_msg("%s: at %d", row->what, (int)state->at);
		state->at += insn.len;
	}
}

static void a_frame_is_kept_until_others_may_know_it(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct walk_state *state = malloc(sizeof(*state));

		assert_non_null(state);
		walk(state, &rows[i]);
		if (state->regs[REG_AX].kind != rows[i].kind ||
		    (rows[i].kind != WALK_UNKNOWN &&
		     (int64_t)state->regs[REG_AX].value != rows[i].value) ||
		    state->is_shown != rows[i].is_shown)
			fail_msg("%s: kind %d, value %d, shown %d",
				 rows[i].what, (int)state->regs[REG_AX].kind,
				 (int)state->regs[REG_AX].value,
				 (int)state->is_shown);
		free(state);
	}
}

static void a_branch_goes_as_the_numbers_do(void **unused)
{
	static const struct {
		uint8_t opcode;
		uint64_t number, with;
		unsigned width;
		int way;
	} ways[] = {
		{ 0x76, 47, 47, 4, 1 },	       { 0x77, 48, 47, 4, 1 },
		{ 0x77, 47, 47, 4, 0 },	       { 0x72, 1, 2, 8, 1 },
		{ 0x73, 1, 2, 8, 0 },	       { 0x74, 0, 0, 8, 1 },
		{ 0x75, 0, 0, 8, 0 },	       { 0x7c, ~0ull, 0, 8, 1 },
		{ 0x72, ~0ull, 0, 8, 0 },      { 0x7f, 1, 0, 8, 1 },
		{ 0x74, 1ull << 32, 0, 4, 1 }, { 0x74, 1ull << 32, 0, 8, 0 },
		{ 0x78, 0, 0, 8, -1 },	       { 0x70, 0, 0, 8, -1 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const uint8_t code[2] = { ways[i].opcode, 0 };
		struct insn insn;

		assert_true(decode_x86(&insn, code, sizeof(code)));
		assert_int_equal(machine_x86_64.compared_way(
					 &insn, ways[i].number, ways[i].with,
					 ways[i].width),
				 ways[i].way);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_kept_until_others_may_know_it),
		cmocka_unit_test(a_branch_goes_as_the_numbers_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
