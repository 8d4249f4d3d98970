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
#include "data/calls.h"

/* As pith-init reads it: row nr, which may be empty or missing. */
static struct slice row(const struct buf *text, uint32_t nr)
{
	struct slice name, letters;

	if (!calls_row(&name, &letters, buf_slice(text), nr))
		return (struct slice){ "", 0 };
	return (struct slice){ name.at, name.len + 1 + letters.len };
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
			assert_true(slice_cut(&word, &rest, ' '));
			assert_true(slice_eq(word, name));
			assert_true(rest.len <= 6);
		}
	}
}

/* An address is one on machines of 32 bits, too, where an int fills a register. */
static void letters_say_how_an_argument_reads(void **state)
{
	static const struct {
		const struct arch *arch;
		int nr;
		const char *row;
	} cases[] = {
		{ &arch_x86_64, 2, "open sOo" },
		{ &arch_x86_64, 41, "socket AZd" },
		{ &arch_x86_64, 257, "openat CsOo" },
		{ &arch_x86_64, 272, "unshare F" },
		{ &arch_x86_64, 39, "getpid " },
		{ &arch_armhf, 281, "socket AZd" },
		{ &arch_armhf, 376, "process_vm_readv dxxxxx" },
		{ &arch_armhf, 385, "memfd_create xx" },
		{ &arch_aarch64, 279, "memfd_create xx" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_buf struct buf text = { 0 };

		call_list_print(&text, cases[i].arch);
		assert_true(slice_eq(row(&text, (uint32_t)cases[i].nr),
				     cases[i].row));
	}
}

static void check_value(const struct arch *arch, char family, uint32_t value,
			const char *expected)
{
	auto_buf struct buf text = { 0 };
	char out[128];

	call_list_print(&text, arch);
	assert_in_range(text.len, 1, CALLS_SIZE_MAX);
	size_t n = calls_value(out, sizeof(out), buf_slice(&text), family,
			       value);

	assert_int_equal(n, strlen(out));
	assert_string_equal(out, expected);
}

static void values_are_said_by_their_constants(void **state)
{
	static const struct {
		char family;
		uint32_t value;
		const char *text;
	} cases[] = {
		{ 'A', 16, "AF_NETLINK" },
		{ 'A', 1000, "0x3e8" },
		{ 'C', -100, "AT_FDCWD" },
		{ 'C', 0x1100, "AT_EMPTY_PATH|AT_SYMLINK_NOFOLLOW" },
		{ 'F', 0x10000000, "CLONE_NEWUSER" },
		{ 'I', 0x5412, "TIOCSTI" },
		{ 'O', 0, "O_RDONLY" },
		{ 'O', 0x80241, "O_CLOEXEC|O_TRUNC|O_CREAT|O_WRONLY" },
		{ 'O', 0x410000, "O_TMPFILE" },
		{ 'O', 0x40000001, "O_WRONLY|0x40000000" },
		{ 'R', 0, "PROT_NONE" },
		{ 'R', 7, "PROT_EXEC|PROT_WRITE|PROT_READ" },
		{ 'Z', 0x80001, "SOCK_CLOEXEC|SOCK_STREAM" },
		{ 'Z', 0x80820, "SOCK_CLOEXEC|SOCK_NONBLOCK|0x20" },
		{ CALLS_ERRORS, 97, "EAFNOSUPPORT" },
		{ CALLS_ERRORS, 11, "EAGAIN" },
		{ CALLS_ERRORS, 4000, "E4000" },
		{ 'q', 4, "0x4" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_value(&arch_x86_64, cases[i].family, cases[i].value,
			    cases[i].text);
	check_value(&arch_aarch64, 'O', 0x4000, "O_DIRECTORY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_the_call_of_its_number),
		cmocka_unit_test(letters_say_how_an_argument_reads),
		cmocka_unit_test(values_are_said_by_their_constants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
