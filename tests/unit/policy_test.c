#include "seccomp/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fmt.h"
#include "base/io.h"
#include "base/scope.h"
#include "seccomp/groups.h"
#include "seccomp/guards.h"

static bool allows(const struct policy *policy, const char *name)
{
	int nr = arch_syscall_nr(policy->arch, slice_from(name));

	return nr >= 0 && policy_allows(policy, (uint32_t)nr);
}

static struct policy parsed(const struct arch *arch, const char *text)
{
	struct policy policy;
	struct err err = { 0 };

	policy_init(&policy, arch);
	if (policy_parse(&policy, slice_from(text), &err) < 0)
		fail_msg("%s", err.text);
	return policy;
}

static void refuses(const char *text, const char *why)
{
	struct policy policy;
	struct err err = { 0 };

	policy_init(&policy, &arch_x86_64);
	assert_int_equal(policy_parse(&policy, slice_from(text), &err), -1);
	assert_string_equal(err.text, why);
}

static void empty_policy_allows_what_nobody_asks_for(void **state)
{
	static const char *const always[] = {
		"restart_syscall", "rt_sigreturn", "exit", "exit_group",
		"clock_gettime",   "gettimeofday", "time", "getcpu",
		"clock_getres",
	};
	struct policy policy = parsed(&arch_x86_64, "");

	(void)state;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		assert_true(allows(&policy, always[i]));
	assert_int_equal(policy_count(&policy), 10); /* and uretprobe */
	assert_false(allows(&policy, "read"));
	policy = parsed(&arch_armhf, "");
	assert_true(allows(&policy, "sigreturn"));
	assert_true(allows(&policy, "clock_gettime64"));
}

static void arm_private_calls_are_always_allowed(void **state)
{
	struct policy arm = parsed(&arch_armhf, "");
	struct policy x86 = parsed(&arch_x86_64, "");

	(void)state;
	assert_true(policy_allows(&arm, 0xf0005));
	assert_true(policy_allows(&arm, 0xf0001));
	assert_false(policy_allows(&arm, 0xf0000));
	assert_false(policy_allows(&arm, 0xf0007));
	assert_false(policy_allows(&x86, 0xf0005));
}

static void comments_and_blanks_do_not_count(void **state)
{
	struct policy policy = parsed(
		&arch_x86_64, "# read\n; write\n\n \t close \r\n\n  # open\n"
			      "lseek");

	(void)state;
	assert_true(allows(&policy, "close"));
	assert_true(allows(&policy, "lseek"));
	assert_false(allows(&policy, "read"));
	assert_false(allows(&policy, "write"));
	assert_false(allows(&policy, "open"));
}

static void calls_of_other_machines_add_nothing(void **state)
{
	struct policy policy = parsed(&arch_aarch64, "open\nset_tls\nmmap2\n");
	struct policy none = parsed(&arch_aarch64, "");

	(void)state;
	assert_memory_equal(&policy, &none, sizeof(policy));
}

static void errors_name_line_and_nearest_name(void **state)
{
	(void)state;
	refuses("read\n\nopne\n", "line 3: 'opne': unknown system call; did "
				  "you mean open?");
	refuses("@basic_io", "line 1: '@basic_io': unknown group; did you "
			     "mean @basic-io?");
	refuses("xyzzyxyzzy", "line 1: 'xyzzyxyzzy': unknown system call");
	refuses("\033[2J", "line 1: '?[2J': unknown system call");
	refuses("READ", "line 1: 'READ': unknown system call");
}

static void other_languages_are_refused_by_name(void **state)
{
	(void)state;
	refuses("~clone", "line 1: '~clone': a policy only allows; it cannot "
			  "take calls away");
	refuses("include base.policy",
		"line 1: 'include': a policy cannot include another");
	refuses("read:EIO", "line 1: 'read:EIO': a policy cannot give a call "
			    "an action or conditions");
	refuses("read write", "line 1: 'write': one name a line, and no "
			      "conditions after it");
}

static void a_failed_word_leaves_the_policy_alone(void **state)
{
	struct policy policy = parsed(&arch_x86_64, "read");
	struct policy before = policy;
	struct err err;

	(void)state;
	assert_int_equal(policy_add(&policy, SLICE("nope"), &err), -1);
	assert_memory_equal(&policy, &before, sizeof(policy));
}

static void the_printed_text_is_canonical(void **state)
{
	(void)state;
	for (size_t a = 0; arch_all[a]; a++) {
		struct policy first = parsed(arch_all[a], "@system-service");
		auto_buf struct buf text = { 0 };
		auto_buf struct buf again = { 0 };

		policy_print(&text, &first);
		struct policy second = parsed(arch_all[a], text.at);

		policy_print(&again, &second);
		assert_memory_equal(&first, &second, sizeof(first));
		assert_string_equal(text.at, again.at);
		size_t lines = 0;

		for (size_t i = 0; i < text.len; i++)
			lines += text.at[i] == '\n';
		assert_int_equal(lines, policy_count(&first));
	}
}

static void clone3_adds_nothing(void **state)
{
	struct policy policy = parsed(&arch_x86_64, "clone3\n@process");

	(void)state;
	assert_false(allows(&policy, "clone3"));
	assert_true(allows(&policy, "clone"));
}

static bool known(struct slice name)
{
	for (size_t a = 0; arch_all[a]; a++)
		if (arch_syscall_nr(arch_all[a], name) >= 0)
			return true;
	return group_find(name) != NULL;
}

static void groups_are_sorted_and_hold_known_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < groups_count; i++) {
		struct slice rest = slice_from(groups[i].calls);
		struct slice word;

		if (i)
			assert_true(strcmp(groups[i - 1].name, groups[i].name) <
				    0);
		assert_ptr_equal(group_find(slice_from(groups[i].name)),
				 &groups[i]);
		while (slice_word(&word, &rest))
			if (!known(word))
				fail_msg("%s: %.*s", groups[i].name,
					 SLICE_ARGS(word));
	}
}

static void no_group_opens_the_gate(void **state)
{
	(void)state;
	for (size_t i = 0; i < groups_count; i++) {
		struct policy policy = parsed(&arch_x86_64, groups[i].name);

		assert_false(allows(&policy, "execve"));
		assert_false(allows(&policy, "execveat"));
	}
}

static void the_manual_names_every_group(void **state)
{
	auto_free char *page = NULL;
	struct err err = { 0 };
	char item[64];
	size_t len;

	(void)state;
	if (io_load(&page, &len, "docs/pith-policy.5", 1 << 20, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < groups_count; i++) {
		fmt(item, sizeof(item), ".It Sy %s\n", groups[i].name);
		if (!strstr(page, item))
			fail_msg("%s", item);
	}
}

static void default_closes_what_it_must(void **state)
{
	static const char *const closed[] = {
		"memfd_create",
		"pkey_mprotect",
		"pkey_alloc",
		"modify_ldt",
		"process_vm_readv",
		"process_vm_writev",
		"name_to_handle_at",
		"open_by_handle_at",
		"chroot",
		"vmsplice",
		"waitid",
		"seccomp",
		"ptrace",
		"mknod",
		"mknodat",
		"setuid",
		"setresuid",
		"setgid",
		"setgroups",
		"setfsuid",
		"keyctl",
		"add_key",
		"request_key",
		"userfaultfd",
		"bpf",
		"io_uring_setup",
		"io_uring_enter",
		"io_uring_register",
		"unshare",
		"setns",
		"mount",
		"umount2",
		"move_mount",
		"open_tree",
		"fsopen",
		"fsmount",
		"fsconfig",
		"fspick",
		"mount_setattr",
		"pivot_root",
		"perf_event_open",
		"pidfd_getfd",
		"kcmp",
		"process_madvise",
		"kexec_load",
		"kexec_file_load",
		"init_module",
		"finit_module",
		"delete_module",
		"personality",
		"iopl",
		"ioperm",
		"syslog",
		"sethostname",
		"setdomainname",
		"swapon",
		"swapoff",
		"reboot",
		"fanotify_init",
		"fanotify_mark",
		"quotactl",
		"quotactl_fd",
		"lookup_dcookie",
		"mbind",
		"set_mempolicy",
		"migrate_pages",
		"move_pages",
		"acct",
		"settimeofday",
		"clock_settime",
		"adjtimex",
		"clock_adjtime",
		"capset",
		"vhangup",
		"memfd_secret",
		"clone3",
		"statmount",
		"listmount",
	};

	(void)state;
	for (size_t a = 0; arch_all[a]; a++) {
		struct policy policy = parsed(arch_all[a], "@default");

		for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
			if (allows(&policy, closed[i]))
				fail_msg("%s allows %s", arch_all[a]->name,
					 closed[i]);
	}
}

/* Every one traced: musl and glibc threads, Go's runtime, Rust's std. */
static void default_serves_usual_programs(void **state)
{
	static const char *const open_calls[] = {
		"read",
		"write",
		"writev",
		"close",
		"socket",
		"bind",
		"listen",
		"accept4",
		"recvfrom",
		"sendto",
		"setsockopt",
		"getsockname",
		"mmap",
		"munmap",
		"mprotect",
		"brk",
		"futex",
		"clone",
		"ioctl",
		"rt_sigaction",
		"rt_sigprocmask",
		"sigaltstack",
		"gettid",
		"tgkill",
		"sched_getaffinity",
		"sched_yield",
		"nanosleep",
		"epoll_create1",
		"epoll_ctl",
		"epoll_pwait",
		"pipe2",
		"eventfd2",
		"fcntl",
		"madvise",
		"getrandom",
		"prlimit64",
		"set_tid_address",
		"set_robust_list",
		"rseq",
		"openat",
		"newfstatat",
		"pread64",
		"statx",
		"getdents64",
		"uname",
		"getrusage",
		"wait4",
		"prctl",
		"sendfile",
		"splice",
		"dup3",
	};
	struct policy policy = parsed(&arch_x86_64, "@default\narch_prctl");

	(void)state;
	for (size_t i = 0; i < sizeof(open_calls) / sizeof(open_calls[0]); i++)
		if (!allows(&policy, open_calls[i]))
			fail_msg("@default refuses %s", open_calls[i]);
}

static void guards_are_one_a_call(void **state)
{
	(void)state;
	for (size_t i = 0; i < guards_count; i++) {
		assert_ptr_equal(guard_find(slice_from(guards[i].call)),
				 &guards[i]);
		assert_true(guards[i].value_count <= GUARD_VALUES_MAX);
		assert_true(guards[i].arg < 6);
	}
	struct policy policy = parsed(&arch_x86_64, "prctl");

	assert_true(guard_applies(guard_find(SLICE("prctl")), &policy));
	policy = parsed(&arch_x86_64, "prctl\nseccomp");
	assert_false(guard_applies(guard_find(SLICE("prctl")), &policy));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_policy_allows_what_nobody_asks_for),
		cmocka_unit_test(arm_private_calls_are_always_allowed),
		cmocka_unit_test(comments_and_blanks_do_not_count),
		cmocka_unit_test(calls_of_other_machines_add_nothing),
		cmocka_unit_test(errors_name_line_and_nearest_name),
		cmocka_unit_test(other_languages_are_refused_by_name),
		cmocka_unit_test(a_failed_word_leaves_the_policy_alone),
		cmocka_unit_test(the_printed_text_is_canonical),
		cmocka_unit_test(clone3_adds_nothing),
		cmocka_unit_test(groups_are_sorted_and_hold_known_names),
		cmocka_unit_test(no_group_opens_the_gate),
		cmocka_unit_test(the_manual_names_every_group),
		cmocka_unit_test(default_closes_what_it_must),
		cmocka_unit_test(default_serves_usual_programs),
		cmocka_unit_test(guards_are_one_a_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
