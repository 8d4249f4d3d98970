/* The compiled filter in the kernel: what it says is what happens. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/filter.h"
#include "kernel/seccomp.h"
#include "seccomp/compile.h"
#include "seccomp/policy.h"

enum { NOT_CONFINED = 99 };

static struct buf blob;
static struct filter filter;
static uint32_t cookie[FILTER_COOKIE_WORDS];

static int set_up(void **state)
{
	auto_policy struct policy policy = { 0 };
	struct compile_options options = { 0 };
	struct err err;

	(void)state;
	policy_init(&policy, arch_host());
	if (policy_add(&policy, SLICE("@default"), &err) < 0 ||
	    compile_filter(&blob, &policy, &options, &err) < 0 ||
	    filter_parse(&filter, blob.at, blob.len, &err) < 0)
		return -1;
	if (getrandom(cookie, sizeof(cookie), 0) != sizeof(cookie))
		return -1;
	for (int i = 0; i < FILTER_COOKIE_WORDS; i++)
		if (filter.cookie[i] != FILTER_NO_WORD)
			filter.insns[filter.cookie[i]].k = cookie[i];
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&blob);
	return 0;
}

static uint64_t word(int i)
{
	return cookie[i] | (uint64_t)cookie[i + 1] << 32;
}

static char name[] = "sh";
static char dash_c[] = "-c";
static char again[] = "exec /bin/true";
static char *const shell[] = { name, dash_c, again, NULL };
static char *const truth[] = { name, NULL };
static char *const none[] = { NULL };

/* Attempts, run under the filter; 0 is what should come of them. */

static int allowed_call(void)
{
	return getpid() > 0 ? 0 : 1;
}

static int denied_call(void)
{
	return syscall(SYS_ptrace, 0, 0, 0, 0) < 0 && errno == EPERM ? 0 : 1;
}

static int unknown_call(void)
{
	return syscall(1000) < 0 && errno == ENOSYS ? 0 : 1;
}

static int clone3_call(void)
{
	return syscall(SYS_clone3, 0, 0) < 0 && errno == ENOSYS ? 0 : 1;
}

static int namespace_call(void)
{
	long flags = 0x10000000 | SIGCHLD; /* CLONE_NEWUSER */

	return syscall(SYS_clone, flags, 0, 0, 0, 0) < 0 && errno == EPERM ? 0
									   : 1;
}

/* TIOCSTI, with a bit the kernel does not look at; no such descriptor. */
static int terminal_call(void)
{
	return syscall(SYS_ioctl, -1, 0x100005412, "x") < 0 && errno == EPERM
		       ? 0
		       : 1;
}

static int plain_ioctl(void)
{
	return syscall(SYS_ioctl, -1, 0x5413, 0) < 0 && errno == EBADF ? 0 : 1;
}

static int nested_filter(void)
{
	return prctl(PR_SET_SECCOMP, 2, 0) < 0 && errno == EPERM ? 0 : 1;
}

static int executable_memory(void)
{
	void *both = mmap(NULL, 4096, PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return both == MAP_FAILED && page != MAP_FAILED &&
			       mprotect(page, 4096, PROT_READ | PROT_EXEC) <
				       0 &&
			       errno == EPERM &&
			       mprotect(page, 4096, PROT_READ) == 0
		       ? 0
		       : 1;
}

static bool is_refused(int domain, int type, int protocol)
{
	return socket(domain, type, protocol) < 0 && errno == EPERM;
}

static int odd_sockets(void)
{
	static const int domains[] = { AF_PACKET, AF_ALG, AF_VSOCK,
				       AF_XDP,	  AF_KEY, AF_TIPC };

	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
		if (!is_refused(domains[i], SOCK_RAW, 0) ||
		    !is_refused(domains[i], SOCK_STREAM, 0))
			return 1;
	return is_refused(AF_INET, SOCK_RAW, 1) &&
			       is_refused(AF_NETLINK, SOCK_RAW, 12)
		       ? 0
		       : 1;
}

static int usual_sockets(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 &&
			       socket(AF_UNIX, SOCK_SEQPACKET, 0) >= 0 &&
			       socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >=
				       0
		       ? 0
		       : 1;
}

static int bare_exec(void)
{
	execve("/bin/true", truth, none);
	return 1;
}

static int guessed_exec(void)
{
	syscall(SYS_execve, "/bin/true", truth, none, 0, word(0), word(2) ^ 1);
	return 1;
}

static int right_exec(void)
{
	syscall(SYS_execve, "/bin/true", truth, none, 0, word(0), word(2));
	return 1;
}

static int second_exec(void)
{
	syscall(SYS_execve, "/bin/sh", shell, none, 0, word(0), word(2));
	return 1;
}

static int exec_at(void)
{
	syscall(SYS_execveat, -1, "/bin/true", truth, none, word(0), word(2));
	return 1;
}

#if defined(__x86_64__)
static int x32_exec(void)
{
	syscall(0x40000000 | SYS_execve, "/bin/true", truth, none, 0, word(0),
		word(2));
	return 1;
}
#endif

static int confined(int (*attempt)(void))
{
	struct rlimit no_core = { 0, 0 };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		    seccomp_install(filter.insns, filter.insn_count) < 0)
			_exit(NOT_CONFINED);
		_exit(attempt());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void works(int (*attempt)(void))
{
	int status = confined(attempt);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void dies(int (*attempt)(void))
{
	int status = confined(attempt);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void calls_get_their_verdicts(void **state)
{
	(void)state;
	works(allowed_call);
	works(denied_call);
	works(unknown_call);
	works(clone3_call);
}

static void guards_hold(void **state)
{
	(void)state;
	works(namespace_call);
	works(terminal_call);
	works(plain_ioctl);
	works(nested_filter);
	works(executable_memory);
	works(odd_sockets);
	works(usual_sockets);
}

static void exec_without_the_cookie_kills(void **state)
{
	(void)state;
	dies(bare_exec);
	dies(guessed_exec);
	dies(exec_at);
#if defined(__x86_64__)
	dies(x32_exec);
#endif
}

static void exec_with_the_cookie_works_once(void **state)
{
	(void)state;
	works(right_exec);
	dies(second_exec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_get_their_verdicts),
		cmocka_unit_test(guards_hold),
		cmocka_unit_test(exec_without_the_cookie_kills),
		cmocka_unit_test(exec_with_the_cookie_works_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
