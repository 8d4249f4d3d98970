#include "arch/arch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

static int nr(const struct arch *arch, const char *name)
{
	return arch_syscall_nr(arch, slice_from(name));
}

static void tables_are_sorted_and_names_unique(void **state)
{
	(void)state;
	for (size_t a = 0; arch_all[a]; a++) {
		const struct arch *arch = arch_all[a];

		for (size_t i = 1; i < arch->syscall_count; i++) {
			const struct arch_syscall *call = &arch->syscalls[i];

			assert_true(call[-1].nr <= call->nr);
			if (call[-1].nr == call->nr)
				assert_true(strcmp(call[-1].name, call->name) <
					    0);
			assert_int_equal(nr(arch, call->name), call->nr);
		}
	}
}

static void tables_agree_with_known_numbers(void **state)
{
	(void)state;
	assert_int_equal(nr(&arch_x86_64, "read"), 0);
	assert_int_equal(nr(&arch_x86_64, "execve"), 59);
	assert_int_equal(nr(&arch_x86_64, "execveat"), 322);
	assert_int_equal(nr(&arch_aarch64, "execve"), 221);
	assert_int_equal(nr(&arch_aarch64, "fstat"), 80);
	assert_int_equal(nr(&arch_armhf, "execve"), 11);
	assert_int_equal(nr(&arch_armhf, "clock_gettime64"), 403);
	assert_int_equal(nr(&arch_armhf, "set_tls"), 0xf0005);
	assert_int_equal(nr(&arch_riscv64, "newfstatat"), 79);
	assert_int_equal(nr(&arch_riscv64, "riscv_flush_icache"), 259);
	for (size_t a = 0; arch_all[a]; a++) {
		assert_int_equal(nr(arch_all[a], "clone3"), 435);
		assert_int_equal(nr(arch_all[a], "mseal"), 462);
		assert_int_equal(arch_syscall_max(arch_all[a]), 462);
	}
}

/* The headers the tests are compiled with are another source. */
static void host_table_agrees_with_the_libc(void **state)
{
	(void)state;
	assert_int_equal(nr(arch_host(), "openat"), SYS_openat);
	assert_int_equal(nr(arch_host(), "seccomp"), SYS_seccomp);
	assert_int_equal(nr(arch_host(), "rt_sigreturn"), SYS_rt_sigreturn);
	assert_int_equal(nr(arch_host(), "futex_waitv"), SYS_futex_waitv);
}

static void x86_64_has_no_x32_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < arch_x86_64.syscall_count; i++)
		assert_true(arch_x86_64.syscalls[i].nr < 512);
}

static void names_and_numbers_are_inverse(void **state)
{
	(void)state;
	assert_string_equal(arch_syscall_name(&arch_x86_64, 0), "read");
	assert_string_equal(arch_syscall_name(&arch_x86_64, 462), "mseal");
	assert_string_equal(arch_syscall_name(&arch_armhf, 0xf0002),
			    "cacheflush");
	/* Two names: the first counts. */
	assert_string_equal(arch_syscall_name(&arch_armhf, 341),
			    "arm_sync_file_range");
	assert_int_equal(nr(&arch_armhf, "sync_file_range2"), 341);
	assert_null(arch_syscall_name(&arch_x86_64, 400));
	assert_null(arch_syscall_name(&arch_x86_64, 463));
	assert_null(arch_syscall_name(&arch_x86_64, UINT32_MAX));
	assert_int_equal(nr(&arch_x86_64, "mmap2"), -1);
	assert_int_equal(nr(&arch_x86_64, "rea"), -1);
	assert_int_equal(nr(&arch_x86_64, ""), -1);
	assert_int_equal(arch_syscall_nr(&arch_x86_64, SLICE("read\0tail")),
			 -1);
}

static void architectures_are_found_by_every_name(void **state)
{
	static const struct {
		const char *name;
		const struct arch *arch;
	} rows[] = {
		{ "x86_64", &arch_x86_64 },
		{ "amd64", &arch_x86_64 },
		{ "aarch64", &arch_aarch64 },
		{ "arm64", &arch_aarch64 },
		{ "arm64/v8", &arch_aarch64 },
		{ "armhf", &arch_armhf },
		{ "arm", &arch_armhf },
		{ "arm/v7", &arch_armhf },
		{ "riscv64", &arch_riscv64 },
		{ "arm/v6", NULL },
		{ "arm/", NULL },
		{ "/v7", NULL },
		{ "arm/v7/", NULL },
		{ "AMD64", NULL },
		{ "", NULL },
		{ "i386", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_ptr_equal(arch_by_name(slice_from(rows[i].name)),
				 rows[i].arch);
}

static void architectures_are_found_by_elf_and_audit(void **state)
{
	(void)state;
	assert_ptr_equal(arch_by_elf(62, 2), &arch_x86_64);
	assert_null(arch_by_elf(62, 1)); /* x32 */
	assert_ptr_equal(arch_by_elf(40, 1), &arch_armhf);
	assert_null(arch_by_elf(243, 1)); /* riscv32 */
	assert_ptr_equal(arch_by_audit(0xc000003e), &arch_x86_64);
	assert_ptr_equal(arch_by_audit(0xc00000b7), &arch_aarch64);
	assert_ptr_equal(arch_by_audit(0x40000028), &arch_armhf);
	assert_ptr_equal(arch_by_audit(0xc00000f3), &arch_riscv64);
	assert_null(arch_by_audit(0x40000003));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_sorted_and_names_unique),
		cmocka_unit_test(tables_agree_with_known_numbers),
		cmocka_unit_test(host_table_agrees_with_the_libc),
		cmocka_unit_test(x86_64_has_no_x32_numbers),
		cmocka_unit_test(names_and_numbers_are_inverse),
		cmocka_unit_test(architectures_are_found_by_every_name),
		cmocka_unit_test(architectures_are_found_by_elf_and_audit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
