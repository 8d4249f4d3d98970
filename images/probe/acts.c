#include "acts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *self;

void acts_of(const char *program)
{
	self = program;
}

static char *ran_argv[] = { (char *)"probe", (char *)"ran", NULL };

static int act_exec(void)
{
	return execve(self, ran_argv, environ);
}

static int act_execveat(void)
{
	return (int)syscall(SYS_execveat, AT_FDCWD, self, ran_argv, environ, 0);
}

static int act_execveat_fd(void)
{
	int fd = open(self, O_RDONLY | O_CLOEXEC);

	return (int)syscall(SYS_execveat, fd, "", ran_argv, environ,
			    AT_EMPTY_PATH);
}

/* A descriptor whose number an exec policy by descriptor would bless. */
static int act_execveat_dup(void)
{
	int fd = open(self, O_RDONLY);

	if (dup2(fd, 9) < 0)
		return -1;
	return (int)syscall(SYS_execveat, 9, "", ran_argv, environ,
			    AT_EMPTY_PATH);
}

static int act_execveat_null(void)
{
	int fd = open(self, O_RDONLY);

	return (int)syscall(SYS_execveat, fd, NULL, ran_argv, environ,
			    AT_EMPTY_PATH);
}

/* Copy this program into a file without a name and start that. */
static int act_memfd_exec(void)
{
	static char data[1 << 20];
	char path[64];
	int in = open(self, O_RDONLY);
	int out = (int)syscall(SYS_memfd_create, "x", 0);
	ssize_t n = read(in, data, sizeof(data));

	if (in < 0 || out < 0 || n < 0 || write(out, data, (size_t)n) != n)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", out);
	return execve(path, ran_argv, environ);
}

static int act_guess_cookie(void)
{
	return (int)syscall(SYS_execve, self, ran_argv, environ, 0x76543210L,
			    (long)0x0123456789abcdefLL,
			    (long)0x0fedcba987654321LL);
}

/* What the kernel shows of the last call must not hold the cookie. */
static int act_leaked_cookie(void)
{
	char text[256] = "";
	unsigned long a[7] = { 0 }; /* the number and its six arguments */
	char *at = text;
	int fd = open("/proc/1/syscall", O_RDONLY);

	if (fd < 0)
		fd = open("/proc/self/syscall", O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return -1;
	for (int i = 0; i < 7; i++)
		a[i] = strtoul(at, &at, 0);
	return (int)syscall(SYS_execve, self, ran_argv, environ, a[4], a[5],
			    a[6]);
}

/* Read the filter back, cookie and all. */
static int act_read_filter(void)
{
	static char filter[8 * 4096];
	pid_t child = fork();

	if (child == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	if (ptrace(PTRACE_SEIZE, child, 0, 0) < 0)
		return -1;
	return (int)ptrace(PTRACE_SECCOMP_GET_FILTER, child, 0, filter);
}

/* End as the child ended, so that its fate is the act's result. */
static int end_like(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) < 0)
		return -1;
	if (WIFSIGNALED(status))
		raise(WTERMSIG(status));
	_exit(WEXITSTATUS(status));
}

static int act_vfork_exec(void)
{
	/* The act is this very call. NOLINTNEXTLINE */
	pid_t child = vfork();

	if (child == 0) {
		execve(self, ran_argv, environ);
		_exit(1);
	}
	return child < 0 ? -1 : end_like(child);
}

static int act_posix_spawn(void)
{
	pid_t child;
	int error = posix_spawn(&child, self, NULL, NULL, ran_argv, environ);

	if (error)
		return errno = error, -1;
	return end_like(child);
}

static void *exec_in_thread(void *unused)
{
	execve(self, ran_argv, environ);
	return unused;
}

static int act_thread_exec(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, exec_in_thread, NULL) != 0)
		return -1;
	pthread_join(thread, NULL);
	return -1;
}

#if defined(__x86_64__)
/* The 32-bit table by int 0x80: its getpid (20), then its execve (11). */
static int act_int80(void)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(20L)
			 : "memory", "r8", "r9", "r10", "r11");
	return result > 0 ? 0 : (errno = (int)-result, -1);
}

static int act_x32(void)
{
	long result = syscall(0x40000000L + SYS_getpid);

	return result > 0 ? 0 : -1;
}
#endif

static int act_proc1_mem(void)
{
	int fd = open("/proc/1/mem", O_RDWR);

	return fd < 0 ? -1 : close(fd);
}

/* The control of act_proc1_mem: the parent of this child is no PID 1. */
static int act_parent_mem(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", getppid());
	int fd = open(path, O_RDWR);

	return fd < 0 ? -1 : close(fd);
}

static int act_ptrace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, 0, 0);
}

static int act_seccomp(void)
{
	return (int)syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0,
			    &(uint32_t){ SECCOMP_RET_ERRNO });
}

static int act_unshare(void)
{
	return unshare(CLONE_NEWUSER);
}

static int act_clone_newuser(void)
{
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0L, 0L,
				     0L, 0L);

	if (child == 0)
		_exit(0);
	if (child < 0)
		return -1;
	return waitpid(child, NULL, 0) < 0 ? -1 : 0;
}

static int act_clone3(void)
{
	return (int)syscall(SYS_clone3, NULL, 0) == 0 ? 0 : -1;
}

/* Bit 32 set: a filter that compares 64 bits lets it through. */
static int act_tiocsti(void)
{
	return (int)syscall(SYS_ioctl, 0, (unsigned long)(TIOCSTI | 1ULL << 32),
			    "x");
}

static int act_unknown(void)
{
	return (int)syscall(999);
}

static int act_process_vm(void)
{
	return (int)syscall(SYS_process_vm_readv, getpid(), NULL, 0UL, NULL,
			    0UL, 0UL);
}

static int act_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? -1 : close(fd);
}

const struct act acts[] = {
	{ "exec", act_exec },
	{ "vfork-exec", act_vfork_exec },
	{ "posix-spawn", act_posix_spawn },
	{ "thread-exec", act_thread_exec },
	{ "execveat", act_execveat },
	{ "execveat-fd", act_execveat_fd },
	{ "execveat-dup", act_execveat_dup },
	{ "execveat-null", act_execveat_null },
	{ "memfd-exec", act_memfd_exec },
	{ "guess-cookie", act_guess_cookie },
	{ "leaked-cookie", act_leaked_cookie },
	{ "read-filter", act_read_filter },
#if defined(__x86_64__)
	{ "int80", act_int80 },
	{ "x32", act_x32 },
#endif
	{ "proc1-mem", act_proc1_mem },
	{ "parent-mem", act_parent_mem },
	{ "ptrace", act_ptrace },
	{ "seccomp", act_seccomp },
	{ "unshare", act_unshare },
	{ "clone-newuser", act_clone_newuser },
	{ "clone3", act_clone3 },
	{ "tiocsti", act_tiocsti },
	{ "unknown-call", act_unknown },
	{ "process-vm", act_process_vm },
	{ "socket", act_socket },
};

const size_t act_count = sizeof(acts) / sizeof(acts[0]);
