/* The keys that become part of the filter: what they refuse, by simulation
 * and in the kernel. */
#include "data/harden.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fmt.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/action.h"
#include "data/bpf.h"
#include "data/filter.h"
#include "kernel/seccomp.h"
#include "seccomp/compile.h"
#include "seccomp/policy.h"

/* "Key=value Key=value" would split values: one pair a string. */
static void set(struct harden *harden, const char *pair)
{
	struct slice value = slice_from(pair);
	struct slice key;
	struct err err = { 0 };

	slice_cut(&key, &value, '=');
	int i = harden_find(key);

	assert_true(i >= 0);
	if (harden_set(harden, (size_t)i, &arch_x86_64, value, &err) < 0)
		fail_msg("%s: %s", pair, err.text);
}

static struct filter compiled(struct buf *blob, const struct arch *arch,
			      const char *pair, const char *text)
{
	struct harden harden = { 0 };
	struct compile_options options = { .allow_exec = true,
					   .harden = &harden };
	auto_policy struct policy policy;
	struct filter filter;
	struct err err = { 0 };

	set(&harden, pair);
	policy_init(&policy, arch);
	if (policy_parse(&policy, slice_from(text), &err) < 0 ||
	    compile_filter(blob, &policy, &options, &err) < 0 ||
	    filter_parse(&filter, blob->at, blob->len, &err) < 0)
		fail_msg("%s: %s", pair, err.text);
	return filter;
}

static const struct {
	const char *pair, *policy, *call;
	uint64_t args[4];
	const char *verdict;
} rows[] = {
	{ "RestrictAddressFamilies=AF_INET AF_UNIX",
	  "socket",
	  "socket",
	  { 2 },
	  "allow" },
	{ "RestrictAddressFamilies=AF_INET AF_UNIX",
	  "socket",
	  "socket",
	  { 16 },
	  "EAFNOSUPPORT" },
	{ "RestrictAddressFamilies=AF_INET AF_UNIX",
	  "socket",
	  "socket",
	  { 0x200000010 },
	  "EAFNOSUPPORT" },
	{ "RestrictAddressFamilies=~AF_NETLINK",
	  "socket",
	  "socket",
	  { 0x100000010 },
	  "EAFNOSUPPORT" },
	{ "RestrictAddressFamilies=AF_INET AF_UNIX",
	  "socket",
	  "socket",
	  { 0x100000002 },
	  "allow" },
	{ "RestrictAddressFamilies=~AF_NETLINK",
	  "socket",
	  "socket",
	  { 16 },
	  "EAFNOSUPPORT" },
	{ "RestrictAddressFamilies=~AF_NETLINK",
	  "socket",
	  "socket",
	  { 2 },
	  "allow" },
	{ "RestrictAddressFamilies=none",
	  "socket",
	  "socket",
	  { 2 },
	  "EAFNOSUPPORT" },
	{ "RestrictAddressFamilies=none",
	  "socketpair",
	  "socketpair",
	  { 1 },
	  "allow" },
	{ "RestrictNamespaces=yes",
	  "unshare",
	  "unshare",
	  { 0x10000000 },
	  "EPERM" },
	{ "RestrictNamespaces=yes", "unshare", "unshare", { 0x80 }, "EPERM" },
	{ "RestrictNamespaces=yes", "unshare", "unshare", { 0x400 }, "allow" },
	{ "RestrictNamespaces=yes", "setns", "setns", { 3, 0 }, "EPERM" },
	{ "RestrictNamespaces=yes", "clone", "clone", { 0x20000 }, "EPERM" },
	{ "RestrictNamespaces=~user", "clone", "clone", { 0x20000 }, "allow" },
	{ "RestrictNamespaces=~user",
	  "clone",
	  "clone",
	  { 0x10000000 },
	  "EPERM" },
	{ "RestrictNamespaces=user net",
	  "unshare",
	  "unshare",
	  { 0x50000000 },
	  "allow" },
	{ "RestrictNamespaces=user net",
	  "unshare",
	  "unshare",
	  { 0x20000 },
	  "EPERM" },
	{ "RestrictNamespaces=user net", "setns", "setns", { 3, 0 }, "EPERM" },
	{ "RestrictNamespaces=no", "clone", "clone", { 0x10000000 }, "allow" },
	{ "RestrictNamespaces=no", "setns", "setns", { 3, 0 }, "allow" },
	{ "MemoryDenyWriteExecute=yes", "mmap", "mmap", { 0, 0, 7 }, "EPERM" },
	{ "MemoryDenyWriteExecute=yes", "mmap", "mmap", { 0, 0, 6 }, "EPERM" },
	{ "MemoryDenyWriteExecute=yes", "mmap", "mmap", { 0, 0, 5 }, "allow" },
	{ "MemoryDenyWriteExecute=yes", "mmap", "mmap", { 0, 0, 3 }, "allow" },
	{ "MemoryDenyWriteExecute=yes",
	  "mprotect",
	  "mprotect",
	  { 0, 0, 4 },
	  "EPERM" },
	{ "MemoryDenyWriteExecute=yes",
	  "mprotect",
	  "mprotect",
	  { 0, 0, 3 },
	  "allow" },
	{ "MemoryDenyWriteExecute=yes",
	  "pkey_mprotect",
	  "pkey_mprotect",
	  { 0, 0, 5 },
	  "EPERM" },
	{ "MemoryDenyWriteExecute=yes",
	  "shmat",
	  "shmat",
	  { 0, 0, 0100000 },
	  "EPERM" },
	{ "MemoryDenyWriteExecute=yes",
	  "shmat",
	  "shmat",
	  { 0, 0, 010000 },
	  "allow" },
	{ "MemoryDenyWriteExecute=no", "mmap", "mmap", { 0, 0, 7 }, "allow" },
	{ "LockPersonality=yes", "personality", "personality", { 0 }, "allow" },
	{ "LockPersonality=yes",
	  "personality",
	  "personality",
	  { 0xffffffff },
	  "allow" },
	{ "LockPersonality=yes",
	  "personality",
	  "personality",
	  { 0x0400000 },
	  "EPERM" },
	{ "RestrictRealtime=yes",
	  "sched_setscheduler",
	  "sched_setscheduler",
	  { 0, 1 },
	  "EPERM" },
	{ "RestrictRealtime=yes",
	  "sched_setscheduler",
	  "sched_setscheduler",
	  { 0, 0x40000001 },
	  "EPERM" },
	{ "RestrictRealtime=yes",
	  "sched_setscheduler",
	  "sched_setscheduler",
	  { 0, 6 },
	  "EPERM" },
	{ "RestrictRealtime=yes",
	  "sched_setscheduler",
	  "sched_setscheduler",
	  { 0, 0x40000003 },
	  "allow" },
	{ "RestrictRealtime=yes",
	  "sched_setattr",
	  "sched_setattr",
	  { 0 },
	  "EPERM" },
	{ "RestrictSUIDSGID=yes", "chmod", "chmod", { 0, 04755 }, "EPERM" },
	{ "RestrictSUIDSGID=yes", "chmod", "chmod", { 0, 02000 }, "EPERM" },
	{ "RestrictSUIDSGID=yes", "chmod", "chmod", { 0, 01777 }, "allow" },
	{ "RestrictSUIDSGID=yes",
	  "fchmodat2",
	  "fchmodat2",
	  { 0, 0, 06755 },
	  "EPERM" },
	{ "RestrictSUIDSGID=yes",
	  "openat",
	  "openat",
	  { 0, 0, 0100, 04755 },
	  "EPERM" },
	{ "RestrictSUIDSGID=yes",
	  "openat",
	  "openat",
	  { 0, 0, 020200000, 02755 },
	  "EPERM" },
	{ "RestrictSUIDSGID=yes",
	  "openat",
	  "openat",
	  { 0, 0, 0, 04755 },
	  "allow" },
	{ "RestrictSUIDSGID=yes",
	  "openat",
	  "openat",
	  { 0, 0, 0100, 0644 },
	  "allow" },
	{ "RestrictSUIDSGID=yes", "openat2", "openat2", { 0 }, "ENOSYS" },
	{ "SystemCallErrorNumber=EACCES", "read", "write", { 0 }, "EACCES" },
	{ "SystemCallErrorNumber=kill", "read", "write", { 0 }, "kill" },
	{ "SystemCallErrorNumber=99", "read", "write", { 0 }, "EADDRNOTAVAIL" },
	{ "SystemCallArchitectures=native", "read", "read", { 0 }, "allow" },
	{ "RestrictSUIDSGID=yes", "read", "chmod", { 0, 04755 }, "EPERM" },
};

static void keys_refuse_what_they_are_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_buf struct buf blob = { 0 };
		struct filter filter = compiled(&blob, &arch_x86_64,
						rows[i].pair, rows[i].policy);
		struct bpf_data call = {
			.nr = (uint32_t)arch_syscall_nr(
				&arch_x86_64, slice_from(rows[i].call)),
			.arch = arch_x86_64.audit,
		};
		struct bpf_result got;
		struct err err;
		uint32_t want;

		for (int a = 0; a < 4; a++)
			call.args[a] = rows[i].args[a];
		assert_true(action_parse(&want, slice_from(rows[i].verdict)));
		assert_int_equal(bpf_run(&got, filter.insns, filter.insn_count,
					 &call, &err),
				 0);
		if (got.action != want)
			fail_msg("row %zu, %s, %s: 0x%x", i, rows[i].pair,
				 rows[i].call, got.action);
	}
}

/* Each key's filter is proven for every machine as it is compiled. */
static void keys_compile_on_every_machine(void **state)
{
	(void)state;
	for (size_t a = 0; arch_all[a]; a++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			auto_buf struct buf blob = { 0 };

			if (i && rows[i].pair == rows[i - 1].pair)
				continue;
			compiled(&blob, arch_all[a], rows[i].pair,
				 "@system-service");
		}
	}
}

/* What a process under the filter gets; 0 is what should come of it. */

static int write_execute(void)
{
	void *both = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return both == MAP_FAILED && errno != 0 && page != MAP_FAILED &&
			       mprotect(page, 4096, PROT_READ | PROT_EXEC) < 0
		       ? 0
		       : 1;
}

static int netlink_socket(void)
{
	bool is_refused = syscall(SYS_socket, 0x100000010, SOCK_RAW, 0) < 0 &&
			  errno == EAFNOSUPPORT;

	return is_refused && socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 0 : 1;
}

/* The kernel cuts a mode to 16 bits: so must the filter. */
static int setuid_file(void)
{
	bool is_refused = syscall(SYS_fchmod, -1, 0x10000 | 04755) < 0 &&
			  errno == EPERM;

	return is_refused && syscall(SYS_fchmod, -1, 0755) < 0 && errno == EBADF
		       ? 0
		       : 1;
}

static int realtime(void)
{
	struct sched_param param = { .sched_priority = 1 };
	struct sched_param none = { 0 };

	return sched_setscheduler(0, SCHED_FIFO, &param) < 0 &&
			       errno == EPERM &&
			       sched_setscheduler(0, SCHED_OTHER, &none) == 0
		       ? 0
		       : 1;
}

static int confined(const char *pair, int (*attempt)(void))
{
	auto_buf struct buf blob = { 0 };
	struct filter filter = compiled(&blob, arch_host(), pair,
					"@default\nsched_setscheduler");
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    seccomp_install(filter.insns, filter.insn_count) < 0)
			_exit(99);
		_exit(attempt());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void the_kernel_agrees(void **state)
{
	(void)state;
	assert_int_equal(confined("MemoryDenyWriteExecute=yes", write_execute),
			 0);
	assert_int_equal(
		confined("RestrictAddressFamilies=AF_UNIX", netlink_socket), 0);
	assert_int_equal(confined("RestrictSUIDSGID=yes", setuid_file), 0);
	assert_int_equal(confined("RestrictRealtime=yes", realtime), 0);
}

static void the_manual_names_every_key(void **state)
{
	auto_free char *page = NULL;
	struct err err = { 0 };
	char item[64];
	size_t len;

	(void)state;
	if (io_load(&page, &len, "docs/pith-recipe.5", 1 << 20, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; harden_key(i); i++) {
		assert_int_equal(harden_find(slice_from(harden_key(i))), i);
		fmt(item, sizeof(item), ".It Cm %s=", harden_key(i));
		if (!strstr(page, item))
			fail_msg("%s", item);
	}
	assert_int_equal(harden_find(SLICE("User")), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_refuse_what_they_are_for),
		cmocka_unit_test(keys_compile_on_every_machine),
		cmocka_unit_test(the_kernel_agrees),
		cmocka_unit_test(the_manual_names_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
