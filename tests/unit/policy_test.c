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
#include "seccomp/policy_edit.h"
#include "seccomp/policy_text.h"

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
	auto_policy struct policy policy = parsed(&arch_x86_64, "");

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
	auto_policy struct policy arm = parsed(&arch_armhf, "");
	auto_policy struct policy x86 = parsed(&arch_x86_64, "");

	(void)state;
	assert_true(policy_allows(&arm, 0xf0005));
	assert_true(policy_allows(&arm, 0xf0001));
	assert_false(policy_allows(&arm, 0xf0000));
	assert_false(policy_allows(&arm, 0xf0007));
	assert_false(policy_allows(&x86, 0xf0005));
}

static void comments_and_blanks_do_not_count(void **state)
{
	auto_policy struct policy policy = parsed(
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
	auto_policy struct policy policy = parsed(&arch_aarch64,
						  "open\nset_tls\nmmap2\n");
	auto_policy struct policy none = parsed(&arch_aarch64, "");

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

/* What a text says beside the calls that are always allowed. */
static void says(const char *text, const char *canonical)
{
	auto_policy struct policy policy = parsed(&arch_x86_64, text);
	auto_buf struct buf printed = { 0 };
	auto_buf struct buf rest = { 0 };
	struct slice lines, line;

	policy_print(&printed, &policy);
	lines = buf_slice(&printed);
	while (slice_cut(&line, &lines, '\n')) {
		if (policy_is_implied(line))
			continue;
		buf_add(&rest, line.at, line.len);
		buf_text(&rest, "\n");
	}
	if (strcmp(rest.at ? rest.at : "", canonical) != 0)
		fail_msg("%s\nis\n%s\nnot\n%s", text, rest.at, canonical);
	auto_policy struct policy again = parsed(&arch_x86_64, printed.at);
	auto_buf struct buf second = { 0 };

	policy_print(&second, &again);
	assert_string_equal(printed.at, second.at);
}

static void conditions_have_one_form(void **state)
{
	(void)state;
	says("socket: domain in AF_UNIX AF_INET 2",
	     "socket: domain in AF_UNIX AF_INET\n");
	says("socket:domain==AF_INET\nsocket: domain == 1 \n",
	     "socket: domain in AF_UNIX AF_INET\n");
	says("clone: flags & CLONE_NEWUSER == CLONE_NEWUSER -> kill\nclone",
	     "clone: flags & CLONE_NEWUSER != 0 -> kill\nclone\n");
	says("clone: flags & 0x10000000 == 0",
	     "clone: flags & CLONE_NEWUSER == 0\n");
	says("mmap: prot & PROT_WRITE|PROT_EXEC != PROT_EXEC|PROT_WRITE",
	     "mmap: prot & PROT_WRITE|PROT_EXEC != PROT_WRITE|PROT_EXEC\n");
	says("lseek: whence <= 2", "lseek: whence < 3\n");
	says("lseek: whence > 2", "lseek: whence >= 3\n");
	says("lseek: whence != 1 and whence != 0",
	     "lseek: whence not in 0 1\n");
	says("lseek: whence in 1 2 3 and whence != 3",
	     "lseek: whence in 1 2\n");
	says("chmod: mode & 06000 == 0",
	     "chmod: mode & S_ISGID|S_ISUID == 0\n");
	says("chmod: mode == 0644", "chmod: mode == 0644\n");
	says("openat: dirfd == -100 and flags == 0",
	     "openat: dirfd == AT_FDCWD and flags == 0\n");
	says("prctl: arg0 == PR_SET_NAME and arg1 != 0x100000000",
	     "prctl: option == PR_SET_NAME and arg1 != 0x100000000\n");
	says("socket: domain == 2 and type == 1\n"
	     "socket: domain == 1 and type == 1",
	     "socket: domain in AF_UNIX AF_INET and type == SOCK_STREAM\n");
}

static void actions_have_one_form(void **state)
{
	(void)state;
	says("read: 5", "read: EIO\n");
	says("read:EIO", "read: EIO\n");
	says("read: 3999", "read: 3999\n");
	says("read: allow", "read\n");
	says("read: EPERM", "");
	says("default: EPERM\nread", "read\n");
	says("read: fd == 0 -> log\nread: kill",
	     "read: fd == 0 -> log\nread: kill\n");
	says("@pkey: EIO\npkey_free",
	     "pkey_alloc: EIO\npkey_free\npkey_mprotect: EIO\n");
	says("uretprobe: EPERM", "uretprobe: EPERM\n");
	says("default: kill\nread: EPERM", "default: kill\nread: EPERM\n");
	says("default: allow\nread\nwrite: EIO\ntime: kill",
	     "default: allow\ntime: kill\nwrite: EIO\n");
}

/* Each pair of lines says the same in either order. */
static void lines_may_stand_in_any_order(void **state)
{
	static const char *const pairs[][3] = {
		{ "@pkey", "~pkey_free", "pkey_alloc\npkey_mprotect\n" },
		{ "@pkey", "pkey_free: EIO",
		  "pkey_alloc\npkey_free: EIO\npkey_mprotect\n" },
		{ "~@pkey", "pkey_free", "pkey_free\n" },
		{ "@pkey", "pkey_free: pkey == 0 -> EIO",
		  "pkey_alloc\npkey_free: pkey == 0 -> EIO\npkey_free\n"
		  "pkey_mprotect\n" },
		{ "@pkey", "pkey_free: pkey == 0 -> log",
		  "pkey_alloc\npkey_free: pkey == 0 -> log\n"
		  "pkey_mprotect\n" },
		{ "~@pkey", "pkey_free: pkey == 0 -> EIO",
		  "pkey_free: pkey == 0 -> EIO\n" },
		{ "@pkey", "~@pkey", "" },
		{ "@pkey: EIO", "@pkey",
		  "pkey_alloc: EIO\npkey_free: EIO\n"
		  "pkey_mprotect: EIO\n" },
		{ "@pkey: EIO", "@pkey: ENOSYS",
		  "pkey_alloc: EIO\npkey_free: EIO\npkey_mprotect: EIO\n" },
		{ "@pkey", "pkey_alloc: flags == 0",
		  "pkey_alloc: flags == 0\npkey_free\npkey_mprotect\n" },
		{ "read", "read: fd == 3 -> EIO",
		  "read: fd == 3 -> EIO\n"
		  "read\n" },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		fmt(text, sizeof(text), "%s\n%s\n", pairs[i][0], pairs[i][1]);
		says(text, pairs[i][2]);
		fmt(text, sizeof(text), "%s\n%s\n", pairs[i][1], pairs[i][0]);
		says(text, pairs[i][2]);
	}
}

static void lines_for_other_machines_are_read_and_left(void **state)
{
	(void)state;
	says("[x86_64] read\n[aarch64 armhf] write\n[amd64 arm64] close",
	     "close\nread\n");
	refuses("[vax] read", "line 1: 'vax': unknown architecture");
	refuses("[aarch64] opne", "line 1: 'opne': unknown system call");
	refuses("[aarch64", "line 1: '[' without ']'");
	refuses("[aarch64]", "line 1: after [ARCHITECTURE] stands a statement");
	refuses("[armhf] pread64: offset == 0",
		"line 1: pread64: 'offset' is no argument of pread64");
}

static void statements_that_make_no_sense(void **state)
{
	(void)state;
	refuses("read write", "line 1: 'read?write': one name a line, and a "
			      "colon before what is said of it");
	refuses("read:", "line 1: 'read:': an action or condition is due");
	refuses("read: EIOO", "line 1: read: 'EIOO': neither an action nor a "
			      "condition");
	refuses("read: fd == 3 -> x", "line 1: read: 'x': no action");
	refuses("read: fd = 3", "line 1: read: '=' where == != < <= > >= in "
				"or not in is due");
	refuses("read: fd ==", "line 1: read: the condition ends where a "
			       "value is due");
	refuses("read: == 3", "line 1: read: '==' where an argument is due");
	refuses("read: fd == 3 or fd == 4",
		"line 1: read: 'or' where 'and' or the end is due");
	refuses("read: fdd == 3", "line 1: read: 'fdd' is no argument of read");
	refuses("read: fd == 0x100000000",
		"line 1: read: 0x100000000: the argument has 32 bits");
	refuses("socket: domain == SOCK_RAW",
		"line 1: socket: 'SOCK_RAW' is not a value of domain");
	refuses("socket: domain == AF_INTE",
		"line 1: socket: 'AF_INTE': unknown constant; did you mean "
		"AF_INET?");
	refuses("read: fd == 3 and fd == 4",
		"line 1: read: the condition never holds");
	refuses("read: fd >= 5 and fd < 5",
		"line 1: read: the condition never holds");
	refuses("read: fd < 0", "line 1: read: the condition never holds");
	refuses("read: fd >= 0", "line 1: read: the condition always holds");
	refuses("read: fd > 0xffffffff",
		"line 1: read: no value is above that");
	refuses("read: fd < -1",
		"line 1: read: < and > take the values as unsigned");
	refuses("read: fd & 0 == 0", "line 1: read: a mask of 0 says nothing");
	refuses("read: fd & 6 == 8", "line 1: read: a value has bits that the "
				     "mask does not have");
	refuses("read: fd & 6 < 8",
		"line 1: read: a mask goes with == != in and not in");
	refuses("@pkey: flags == 0",
		"line 1: @pkey: a group takes an action only");
	refuses("default: sure", "line 1: default: 'sure': no action");
	refuses("~read: EIO",
		"line 1: '~read': ~ takes away, and nothing else");
	refuses("~exit", "line 1: '~exit': every program needs that call");
	refuses("include x", "line 1: include: no file can be included here");
	refuses("include", "line 1: include: which file?");
}

static void lines_that_do_not_fit_together(void **state)
{
	(void)state;
	refuses("read\n~read", "line 2: '~read': another line names that "
			       "call");
	refuses("~read\nread", "line 2: read: line 1 takes that call away");
	refuses("read\nread: EIO", "line 2: read: line 1 says something else");
	refuses("read\n\nread: fd == 3",
		"line 3: read: line 1 allows it without a condition");
	refuses("read: fd == 3\nread",
		"line 2: read: line 1 allows it under a condition");
	refuses("default: kill\ndefault: log",
		"line 2: default: line 1 says something else");
}

/* Files by name, made of a table. */
struct shelf {
	const char *name;
	const char *text;
};

static int take_file(struct policy_file *out, void *context, const char *from,
		     struct slice name, struct err *err)
{
	const struct shelf *shelf = context;

	(void)from;
	for (uint64_t i = 0; shelf[i].name; i++) {
		if (!slice_eq(name, shelf[i].name))
			continue;
		*out = (struct policy_file){
			.name = mem_text(slice_from(shelf[i].name)),
			.text = mem_text(slice_from(shelf[i].text)),
			.len = strlen(shelf[i].text),
			.id = { 1, i + 1 },
		};
		return 0;
	}
	return err_set(err, 0, "%.*s: not there", SLICE_ARGS(name));
}

static int read_shelf(struct policy *policy, const struct shelf *shelf,
		      const char *text, struct err *err)
{
	const struct policy_include include = {
		.load = take_file,
		.context = (void *)(uintptr_t)shelf,
		.id = { 1, 99 },
	};

	policy_init(policy, &arch_x86_64);
	return policy_read(policy, slice_from(text), &include, err);
}

static const struct shelf shelf[] = {
	{ "base", "read\nwrite\n@pkey\n" },
	{ "more", "include base\nsocket: domain == AF_UNIX\n" },
	{ "inet", "socket: domain == AF_INET\n" },
	{ "loop", "include pool\n" },
	{ "pool", "read\ninclude loop\n" },
	{ "bad", "read\nopne\n" },
	{ "strict", "default: kill\n" },
	{ "lax", "default: ENOSYS\n" },
	{ "exception", "socket: domain == AF_INET -> EIO\nsocket\n" },
	{ NULL, NULL },
};

static void included(const char *text, const char *canonical)
{
	auto_policy struct policy policy;
	auto_policy struct policy want = parsed(&arch_x86_64, canonical);
	auto_buf struct buf printed = { 0 };
	auto_buf struct buf wanted = { 0 };
	struct err err = { 0 };

	if (read_shelf(&policy, shelf, text, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	policy_print(&printed, &policy);
	policy_print(&wanted, &want);
	assert_string_equal(printed.at, wanted.at);
}

static void not_included(const char *text, const char *why)
{
	auto_policy struct policy policy;
	struct err err = { 0 };

	assert_int_equal(read_shelf(&policy, shelf, text, &err), -1);
	assert_string_equal(err.text, why);
}

static void policies_include_others(void **state)
{
	(void)state;
	included("include base", "read\nwrite\n@pkey");
	included("include base\n~@pkey", "read\nwrite");
	included("read: EIO\ninclude base", "read: EIO\nwrite\n@pkey");
	included("include more\ninclude inet\n~@pkey",
		 "read\nwrite\nsocket: domain in AF_UNIX AF_INET");
	included("include base\ninclude base", "read\nwrite\n@pkey");
	included("include strict\nread", "default: kill\nread");
	included("include strict\ndefault: EIO", "default: EIO");
	included("[aarch64] include nowhere\nread", "read");
	not_included("include nowhere", "line 1: nowhere: not there");
	not_included("include bad",
		     "line 1: bad: line 2: 'opne': unknown system call; did "
		     "you mean open?");
	not_included("include loop",
		     "line 1: loop: line 1: pool: line 2: include: loop "
		     "includes itself");
	not_included("include strict\ninclude lax",
		     "included files have different defaults: add a line "
		     "default:");
	not_included("include exception\ninclude inet",
		     "line 2: inet: socket: both have rules for it, and not "
		     "only of what is allowed: keep one");
}

/* Each file includes the next, by a name that tells its number. */
static int take_next(struct policy_file *out, void *context, const char *from,
		     struct slice name, struct err *err)
{
	char text[32];

	(void)context;
	(void)from;
	(void)err;
	fmt(text, sizeof(text), "include x%.*s\ninclude y%.*s",
	    SLICE_ARGS(name), SLICE_ARGS(name));
	*out = (struct policy_file){
		.name = mem_text(name),
		.text = mem_text(slice_from(text)),
		.len = strlen(text),
		.id = { name.len, (uint64_t)name.at[0] },
	};
	return 0;
}

static void including_ends(void **state)
{
	struct policy_include include = { .load = take_next };
	struct policy policy;
	struct err err = { 0 };

	(void)state;
	policy_init(&policy, &arch_x86_64);
	assert_int_equal(
		policy_read(&policy, SLICE("include x"), &include, &err), -1);
	assert_non_null(strstr(err.text, "more than 16 files deep"));
}

static void a_failed_word_leaves_the_policy_alone(void **state)
{
	auto_policy struct policy policy = parsed(&arch_x86_64, "read");
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
		auto_policy struct policy first = parsed(arch_all[a],
							 "@system-service");
		auto_buf struct buf text = { 0 };
		auto_buf struct buf again = { 0 };

		policy_print(&text, &first);
		auto_policy struct policy second = parsed(arch_all[a], text.at);

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
	auto_policy struct policy policy = parsed(&arch_x86_64,
						  "clone3\n@process");

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
		while (slice_word(&word, &rest)) {
			if (slice_has_prefix(word, "~")) {
				word.at++;
				word.len--;
			}
			if (!known(word))
				fail_msg("%s: %.*s", groups[i].name,
					 SLICE_ARGS(word));
		}
	}
}

static void no_group_opens_the_gate(void **state)
{
	(void)state;
	for (size_t i = 0; i < groups_count; i++) {
		auto_policy struct policy policy = parsed(&arch_x86_64,
							  groups[i].name);

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
		auto_policy struct policy policy = parsed(arch_all[a],
							  "@default");

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
	auto_policy struct policy policy = parsed(&arch_x86_64,
						  "@default\narch_prctl");

	(void)state;
	for (size_t i = 0; i < sizeof(open_calls) / sizeof(open_calls[0]); i++)
		if (!allows(&policy, open_calls[i]))
			fail_msg("@default refuses %s", open_calls[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_policy_allows_what_nobody_asks_for),
		cmocka_unit_test(arm_private_calls_are_always_allowed),
		cmocka_unit_test(comments_and_blanks_do_not_count),
		cmocka_unit_test(calls_of_other_machines_add_nothing),
		cmocka_unit_test(errors_name_line_and_nearest_name),
		cmocka_unit_test(conditions_have_one_form),
		cmocka_unit_test(actions_have_one_form),
		cmocka_unit_test(lines_may_stand_in_any_order),
		cmocka_unit_test(lines_for_other_machines_are_read_and_left),
		cmocka_unit_test(statements_that_make_no_sense),
		cmocka_unit_test(lines_that_do_not_fit_together),
		cmocka_unit_test(policies_include_others),
		cmocka_unit_test(including_ends),
		cmocka_unit_test(a_failed_word_leaves_the_policy_alone),
		cmocka_unit_test(the_printed_text_is_canonical),
		cmocka_unit_test(clone3_adds_nothing),
		cmocka_unit_test(groups_are_sorted_and_hold_known_names),
		cmocka_unit_test(no_group_opens_the_gate),
		cmocka_unit_test(the_manual_names_every_group),
		cmocka_unit_test(default_closes_what_it_must),
		cmocka_unit_test(default_serves_usual_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
