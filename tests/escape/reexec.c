/*
 * The twelve schemes to start another program, or the same one again, that
 * were tried on every way of letting a program start once; see
 * docs/decisions/cookie-gate.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape.h"
#include "tools.h"

enum { BLESSED = 7, HIGH = 900 };

static long execveat_here(int dir, const char *path, int flags)
{
	return syscall(SYS_execveat, dir, path, program_args(), environ, flags);
}

static long exec_self(const struct attempt *a)
{
	(void)a;
	return program_exec(program_path());
}

static long exec_other(const struct attempt *a)
{
	(void)a;
	return program_exec(program_copy());
}

static long by_path(const struct attempt *a)
{
	(void)a;
	return execveat_here(AT_FDCWD, program_path(), 0);
}

static long by_empty_path(const struct attempt *a)
{
	(void)a;
	return execveat_here(program_fd(), "", AT_EMPTY_PATH);
}

static long by_null_path(const struct attempt *a)
{
	(void)a;
	return execveat_here(program_fd(), NULL, AT_EMPTY_PATH);
}

/* A descriptor's rules do not hold for an absolute path. */
static long by_fd_and_absolute(const struct attempt *a)
{
	(void)a;
	return execveat_here(program_fd(), program_copy(), 0);
}

/* A number that a policy by descriptor would bless. */
static long by_dup(const struct attempt *a)
{
	(void)a;
	need(dup2(program_fd(), BLESSED), "dup2");
	return execveat_here(BLESSED, "", AT_EMPTY_PATH);
}

/* One that a lowered RLIMIT_NOFILE would forbid. */
static long by_raised_limit(const struct attempt *a)
{
	struct rlimit limit;

	(void)a;
	need(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	need(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	need(dup2(program_fd(), HIGH), "dup2");
	return execveat_here(HIGH, "", AT_EMPTY_PATH);
}

/* A filter can pin the pointer of the path, not what lies there. */
static long by_pinned_pointer(const struct attempt *a)
{
	const size_t size = 4096;
	void *pin = (void *)0x10000000;
	char *page = mmap(pin, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
			  0);

	(void)a;
	need(page == MAP_FAILED ? -1 : 0, "map a page at a chosen address");
	strcpy(page, program_copy());
	return program_exec(page);
}

static long by_memfd(const struct attempt *a)
{
	int fd = (int)need(syscall(SYS_memfd_create, a->name, 0),
			   "memfd_create");

	program_write(fd);
	return program_exec_fd(fd);
}

/* A filter of one's own that gives execve to verdict and allows the rest. */
static long own_filter(unsigned int verdict, unsigned int flags)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_execve, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(insns) / sizeof(insns[0]), insns };

	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* Wait for one notification on listener and let the call go on. */
static void let_go_on(int listener)
{
	static struct seccomp_notif asked;
	struct seccomp_notif_resp answer = {
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE
	};

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
		return;
	answer.id = asked.id;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

/* The newest listener wins over older ones: it says CONTINUE. */
static long by_own_listener(const struct attempt *a)
{
	int pipes[2], listener;

	(void)a;
	need(pipe(pipes), "pipe");
	/* With one table of descriptors, the number is all there is to send. */
	pid_t child = (pid_t)need(
		syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0L, 0L, 0L, 0L),
		"clone");

	if (child == 0) {
		listener = (int)need(
			own_filter(SECCOMP_RET_USER_NOTIF,
				   SECCOMP_FILTER_FLAG_NEW_LISTENER),
			"install a filter with a listener");
		need(write(pipes[1], &listener, sizeof(listener)), "write");
		need(program_exec(program_path()), "execve");
	}
	/* Ended before it wrote, it has told why: nothing will come. */
	siginfo_t info = { 0 };

	while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT | WNOHANG) ==
		       0 &&
	       !info.si_pid) {
		int bytes = 0;

		ioctl(pipes[0], FIONREAD, &bytes);
		if (!bytes)
			continue;
		need(read(pipes[0], &listener, sizeof(listener)), "read");
		let_go_on(listener);
		break;
	}
	return end_like(child);
}

static void follow(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status))
		ptrace(PTRACE_CONT, child, 0, 0);
	if (WIFSIGNALED(status))
		raise(WTERMSIG(status));
	_exit(0);
}

/* "Ask the tracer" is answered by a tracer of one's own. */
static long by_tracer(const struct attempt *a)
{
	(void)a;
	pid_t child = (pid_t)need(fork(), "fork");

	if (child == 0) {
		need(ptrace(PTRACE_TRACEME, 0, 0, 0), "ptrace");
		raise(SIGSTOP);
		need(own_filter(SECCOMP_RET_TRACE, 0), "install a filter");
		need(program_exec(program_path()), "execve");
	}
	int status;

	if (waitpid(child, &status, 0) == child && !WIFSTOPPED(status))
		_exit(0); /* it has told why */
	need(ptrace(PTRACE_SETOPTIONS, child, 0,
		    PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL),
	     "trace its filter");
	ptrace(PTRACE_CONT, child, 0, 0);
	follow(child);
	return -1;
}

static const struct attempt attempts[] = {
	{ .name = "exec-other-file", .run = exec_other },
	{ .name = "execveat-path", .run = by_path },
	{ .name = "execveat-fd-empty-path", .run = by_empty_path },
	{ .name = "execveat-fd-absolute-path", .run = by_fd_and_absolute },
	{ .name = "execveat-dup2", .run = by_dup },
	{ .name = "execveat-raised-nofile", .run = by_raised_limit },
	{ .name = "exec-pinned-pointer", .run = by_pinned_pointer },
	{ .name = "exec-memfd", .run = by_memfd },
	{ .name = "exec-own-listener", .run = by_own_listener },
	{ .name = "exec-traced-child", .run = by_tracer },
	{ .name = "execveat-null-path", .run = by_null_path },
	{ .name = "exec-self", .run = exec_self },
};

const struct theme reexec_theme = THEME("re-exec", attempts);
