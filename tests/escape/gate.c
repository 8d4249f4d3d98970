/*
 * Attempts on the gate itself: to know its cookie, to make the call from
 * another place or by another number, and to have somebody else make it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entry.h"
#include "escape.h"
#include "gate.h"
#include "tools.h"

enum { STACK_SIZE = 65536, SCANNED_MAX = 1024 };

/* A word of a machine from 128 bits, of which 32-bit ones look at 96. */
#ifdef __LP64__
#define WORDS(a, b, c, d)                                             \
	{                                                             \
		0, (unsigned long)(a) | (unsigned long)(b) << 32,     \
			(unsigned long)(c) | (unsigned long)(d) << 32 \
	}
#else
#define WORDS(a, b, c, d) \
	{                 \
		a, b, c   \
	}
#endif

static long exec_with(struct guess guess)
{
	return syscall(SYS_execve, program_path(), program_args(), environ,
		       guess.fourth, guess.fifth, guess.sixth);
}

int gate_guess(struct guess guess)
{
	int status;
	pid_t child = fork();

	if (child <= 0) {
		exec_with(guess);
		need(-1, "execve");
	}
	if (waitpid(child, &status, 0) < 0)
		need(-1, "wait");
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	return WTERMSIG(status);
}

static long guess_zero(const struct attempt *a)
{
	(void)a;
	return exec_with((struct guess){ 0 });
}

static long guess_random(const struct attempt *a)
{
	(void)a;
	return exec_with((struct guess)WORDS(0x89abcdef, 0x01234567, 0x87654321,
					     0x0fedcba9));
}

/* What a filter file holds until a cookie is drawn; src/seccomp/compile.c. */
static long guess_placeholder(const struct attempt *a)
{
	(void)a;
	return exec_with((struct guess)WORDS(0x70697468, 0x70697469, 0x7069746a,
					     0x7069746b));
}

static long from_auxv(const struct attempt *a)
{
	uint32_t seed[4] = { 0 };
	unsigned long at = getauxval(AT_RANDOM);

	(void)a;
	need(at ? 0 : -1, "AT_RANDOM");
	memcpy(seed, (const void *)at, sizeof(seed));
	return exec_with(
		(struct guess)WORDS(seed[0], seed[1], seed[2], seed[3]));
}

/* Every three words from the first stack pointer to the stack's end. */
static long from_stack(const struct attempt *a)
{
	const unsigned long *word =
		(const unsigned long *)entry_registers[ENTRY_STACK];
	unsigned long name = getauxval(AT_EXECFN);
	int sig = SIGSYS;

	(void)a;
	need(word && name ? 0 : -1, "find the stack's end");
	/* The name of the program is the last thing there. */
	const unsigned long *end = (const unsigned long *)(name &
							   ~(sizeof(name) - 1));

	for (int i = 0; i < SCANNED_MAX && word + 2 < end; i++, word++)
		sig = gate_guess((struct guess){ word[0], word[1], word[2] });
	return raise(sig);
}

/* What the kernel shows of the last call of PID 1 or of this process. */
static long from_proc_syscall(const struct attempt *a)
{
	char text[256] = "", *at = text;
	unsigned long shown[7] = { 0 }; /* the number and its arguments */
	int fd = open("/proc/1/syscall", O_RDONLY);

	(void)a;
	if (fd < 0)
		fd = (int)need(open("/proc/self/syscall", O_RDONLY),
			       "open /proc/self/syscall");
	need(read(fd, text, sizeof(text) - 1), "read /proc/self/syscall");
	for (int i = 0; i < 7; i++)
		shown[i] = strtoul(at, &at, 0);
	return exec_with((struct guess){ shown[4], shown[5], shown[6] });
}

/* Read the filter back, and with it the cookie. */
static long from_filter(const struct attempt *a)
{
	static struct sock_filter insns[4096];
	pid_t victim = victim_start();
	long count = ptrace(PTRACE_SEIZE, victim, 0, 0);

	(void)a;
	if (count == 0) {
		ptrace(PTRACE_INTERRUPT, victim, 0, 0);
		waitpid(victim, NULL, __WALL);
		count = ptrace(PTRACE_SECCOMP_GET_FILTER, victim, 0, insns);
		/* No filter to read: it would have been shown. */
		count = count < 0 && errno == EINVAL ? 0 : count;
	}
	return victim_end(victim, count);
}

static long from_vfork(const struct attempt *a)
{
	(void)a;
	/* The attempt is this very call. NOLINTNEXTLINE */
	pid_t child = vfork();

	if (child == 0) {
		program_exec(program_path());
		_exit(1);
	}
	return child < 0 ? -1 : end_like(child);
}

static long from_posix_spawn(const struct attempt *a)
{
	pid_t child;

	(void)a;
	errno = posix_spawn(&child, program_path(), NULL, NULL, program_args(),
			    environ);
	return errno ? -1 : end_like(child);
}

static long from_grandchild(const struct attempt *a)
{
	(void)a;
	pid_t child = (pid_t)need(fork(), "fork");

	if (child)
		return end_like(child);
	pid_t grandchild = (pid_t)need(fork(), "fork");

	if (grandchild)
		return end_like(grandchild);
	return program_exec(program_path());
}

static int run_in_clone(void *unused)
{
	(void)unused;
	return (int)program_exec(program_path());
}

static long from_shared_memory(const struct attempt *a)
{
	static char stack[STACK_SIZE] __attribute__((aligned(16)));

	(void)a;
	return end_like((pid_t)need(clone(run_in_clone, stack + sizeof(stack),
					  CLONE_VM | SIGCHLD, NULL),
				    "clone"));
}

static void *run_in_thread(void *unused)
{
	program_exec(program_path());
	return unused;
}

static long from_thread(const struct attempt *a)
{
	pthread_t thread;

	(void)a;
	errno = pthread_create(&thread, NULL, run_in_thread, NULL);
	need(errno ? -1 : 0, "start a thread");
	pthread_join(thread, NULL);
	return -1;
}

static void run_in_handler(int sig)
{
	(void)sig;
	program_exec(program_path());
}

static long from_handler(const struct attempt *a)
{
	(void)a;
	need(signal(SIGUSR1, run_in_handler) == SIG_ERR ? -1 : 0, "signal");
	raise(SIGUSR1);
	return -1;
}

static const struct attempt attempts[] = {
	{ .name = "cookie-zero", .run = guess_zero },
	{ .name = "cookie-random", .run = guess_random },
	{ .name = "cookie-placeholder", .run = guess_placeholder },
	{ .name = "cookie-auxv", .run = from_auxv },
	{ .name = "cookie-stack", .run = from_stack },
	{ .name = "cookie-proc-syscall", .run = from_proc_syscall },
	{ .name = "cookie-read-filter", .run = from_filter },
	{ .name = "exec-vfork", .run = from_vfork },
	{ .name = "exec-posix-spawn", .run = from_posix_spawn },
	{ .name = "exec-grandchild", .run = from_grandchild },
	{ .name = "exec-clone-vm", .run = from_shared_memory },
	{ .name = "exec-thread", .run = from_thread },
	{ .name = "exec-signal-handler", .run = from_handler },
};

const struct theme gate_theme = THEME("gate", attempts);
