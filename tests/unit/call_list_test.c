#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "arch/call_list.h"
#include "base/buf.h"
#include "base/slice.h"

/* As pith-init reads it: row nr, which may be empty or missing. */
static struct slice row(const struct buf *text, uint32_t nr)
{
	struct slice rest = buf_slice(text);
	struct slice line = { "", 0 };

	for (uint32_t i = 0; i <= nr; i++)
		if (!slice_cut(&line, &rest, '\n'))
			return (struct slice){ "", 0 };
	return line;
}

static void each_row_is_the_call_of_its_number(void **state)
{
	(void)state;
	for (size_t a = 0; arch_all[a]; a++) {
		auto_buf struct buf text = { 0 };

		call_list_print(&text, arch_all[a]);
		for (uint32_t nr = 0; nr < 1024; nr++) {
			const char *name = arch_syscall_name(arch_all[a], nr);
			struct slice rest = row(&text, nr);
			struct slice word;

			if (!name || nr > arch_syscall_max(arch_all[a])) {
				assert_int_equal(rest.len, 0);
				continue;
			}
			/* The room that pith-init has for a row. */
			assert_true(rest.len < 48);
			assert_true(slice_cut(&word, &rest, ' '));
			assert_true(slice_eq(word, name));
			assert_true(rest.len <= 6);
		}
	}
}

static void letters_say_how_an_argument_reads(void **state)
{
	static const struct {
		int nr;
		const char *row;
	} cases[] = {
		{ 2, "open sxx" },	{ 41, "socket ddd" },
		{ 257, "openat dsxx" }, { 272, "unshare x" },
		{ 39, "getpid " },
	};
	auto_buf struct buf text = { 0 };

	(void)state;
	call_list_print(&text, &arch_x86_64);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(slice_eq(row(&text, (uint32_t)cases[i].nr),
				     cases[i].row));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_the_call_of_its_number),
		cmocka_unit_test(letters_say_how_an_argument_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
