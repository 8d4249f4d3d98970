/* The tables of arguments and constants, against each other and the headers. */
#include "arch/argument.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/bpf.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/keyctl.h>
#include <linux/memfd.h>
#include <linux/mount.h>
#include <linux/personality.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

#include "arch/arch.h"

/* Not in every header that has the others. */
#define S_IFMT	 0170000
#define S_IFSOCK 0140000
#define S_IFLNK	 0120000
#define S_IFREG	 0100000
#define S_IFBLK	 0060000
#define S_IFDIR	 0040000
#define S_IFCHR	 0020000
#define S_IFIFO	 0010000
#define S_ISUID	 0004000
#define S_ISGID	 0002000
#define S_ISVTX	 0001000

static struct argument argument(const struct arch *arch, const char *call,
				const char *name)
{
	int i = argument_find(arch, slice_from(call), slice_from(name));

	if (i < 0)
		fail_msg("%s has no %s", call, name);
	return argument_at(arch, slice_from(call), (unsigned int)i);
}

static void every_call_has_a_row(void **state)
{
	/* No arguments, never made, or (lookup_dcookie on armhf) split. */
	static const char none[] =
		" afs_syscall breakpoint create_module epoll_ctl_old "
		"epoll_wait_old fork get_kernel_syms get_tls getegid getegid32 "
		"geteuid geteuid32 getgid getgid32 getpgrp getpid getpmsg "
		"getppid gettid getuid getuid32 inotify_init lookup_dcookie munlockall "
		"nfsservctl pause putpmsg query_module restart_syscall "
		"rt_sigreturn sched_yield security setsid sigreturn sync "
		"tuxcall uretprobe usr26 usr32 vfork vhangup vserver ";
	char word[64];

	(void)state;
	for (size_t a = 0; arch_all[a]; a++) {
		for (size_t i = 0; i < arch_all[a]->syscall_count; i++) {
			const char *name = arch_all[a]->syscalls[i].name;
			struct argument first = argument_at(
				arch_all[a], slice_from(name), 0);

			snprintf(word, sizeof(word), " %s ", name);
			if (!first.name.len && !strstr(none, word))
				fail_msg("%s: no arguments", name);
		}
	}
}

static void widths_are_the_kernels(void **state)
{
	static const struct {
		const struct arch *arch;
		const char *call, *name;
		unsigned int bits;
	} rows[] = {
		{ &arch_x86_64, "socket", "domain", 32 },
		{ &arch_x86_64, "ioctl", "request", 32 },
		{ &arch_x86_64, "clone", "flags", 32 },
		{ &arch_x86_64, "unshare", "flags", 64 },
		{ &arch_armhf, "unshare", "flags", 32 },
		{ &arch_x86_64, "openat", "mode", 16 },
		{ &arch_armhf, "openat", "mode", 16 },
		{ &arch_x86_64, "mmap", "prot", 64 },
		{ &arch_armhf, "mmap2", "prot", 32 },
		{ &arch_x86_64, "pread64", "offset", 64 },
		{ &arch_x86_64, "setuid", "uid", 32 },
		{ &arch_armhf, "setuid", "uid", 16 },
		{ &arch_armhf, "setuid32", "uid", 32 },
		{ &arch_x86_64, "prctl", "arg1", 64 },
		{ &arch_x86_64, "getpid", "arg5", 64 },
		{ &arch_armhf, "getpid", "arg5", 32 },
		{ &arch_x86_64, "personality", "persona", 32 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (argument(rows[i].arch, rows[i].call, rows[i].name).bits !=
		    rows[i].bits)
			fail_msg("%s %s %s", rows[i].arch->name, rows[i].call,
				 rows[i].name);
	/* 64 bits in two registers, at a place that alignment moves. */
	assert_int_equal(
		argument_find(&arch_armhf, SLICE("pread64"), SLICE("offset")),
		-1);
	assert_int_equal(
		argument_find(&arch_x86_64, SLICE("read"), SLICE("arg6")), -1);
}

static void the_order_of_clones_arguments_differs(void **state)
{
	(void)state;
	assert_int_equal(
		argument_find(&arch_x86_64, SLICE("clone"), SLICE("tls")), 4);
	assert_int_equal(
		argument_find(&arch_aarch64, SLICE("clone"), SLICE("tls")), 3);
}

static void same(const char *name, uint64_t ours, uint64_t theirs)
{
	if (ours != theirs)
		fail_msg("%s: 0x%llx, the header has 0x%llx", name,
			 (unsigned long long)ours, (unsigned long long)theirs);
}

#define SAME(name, value) same(#name, value, (uint32_t)(name));
#define SKIP(name, value)
/* The header with these is x86's own. */
#define SAME_ARCH SKIP
#if defined(__aarch64__) || defined(__arm__)
#define SAME_O SKIP
#else
#define SAME_O SAME
#endif
#define SAME_AF	     SAME
#define SAME_AT	     SAME
#define SAME_BPF     SAME
#define SAME_CLOCK   SAME
#define SAME_CLONE   SAME
#define SAME_F	     SAME
#define SAME_FUTEX   SAME
#define SAME_IOCTL   SAME
#define SAME_KEYCTL  SAME
#define SAME_MADV    SAME
#define SAME_MAP     SAME
#define SAME_MFD     SAME
#define SAME_MS	     SAME
#define SAME_PER     SAME
#define SAME_PR	     SAME
#define SAME_PROT    SAME
#define SAME_PTRACE  SAME
#define SAME_RLIMIT  SAME
#define SAME_S	     SAME
#define SAME_SCHED   SAME
#define SAME_SECCOMP SAME
#define SAME_SHM     SAME
#define SAME_SIG     SAME
#define SAME_SOCK    SAME
#define SAME_SOL     SAME

static void values_are_the_headers(void **state)
{
	(void)state;
#define C(family, name, value) SAME_##family(name, value)
#include "src/arch/constant.inc"
#undef C
}

static void constants_go_both_ways(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(constant_find(&value, &arch_x86_64, FAMILY_AF,
				  SLICE("AF_UNIX")));
	assert_int_equal(value, 1);
	assert_string_equal(constant_name(&arch_x86_64, FAMILY_AF, 1),
			    "AF_UNIX");
	assert_false(constant_find(&value, &arch_x86_64, FAMILY_AF,
				   SLICE("SOCK_RAW")));
	assert_true(constant_find(&value, &arch_x86_64, FAMILY_NONE,
				  SLICE("SOCK_RAW")));
	assert_null(constant_name(&arch_x86_64, FAMILY_NONE, 1));
	assert_string_equal(constant_nearest(FAMILY_AF, SLICE("AF_INTE")),
			    "AF_INET");
}

static void arm_has_its_own_open_flags(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(constant_find(&value, &arch_aarch64, FAMILY_O,
				  SLICE("O_DIRECTORY")));
	assert_int_equal(value, 0x4000);
	assert_string_equal(constant_name(&arch_aarch64, FAMILY_O, 0x4000),
			    "O_DIRECTORY");
	assert_string_equal(constant_name(&arch_riscv64, FAMILY_O, 0x4000),
			    "O_DIRECT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_has_a_row),
		cmocka_unit_test(widths_are_the_kernels),
		cmocka_unit_test(the_order_of_clones_arguments_differs),
		cmocka_unit_test(values_are_the_headers),
		cmocka_unit_test(constants_go_both_ways),
		cmocka_unit_test(arm_has_its_own_open_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
