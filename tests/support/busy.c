/*
 * busy: for tests of traces: makes calls in a known number, by all the ways
 * there are to start a thread, a process or a program. The first argument
 * says what to do; exits 0 where all went as it goes without a tracer.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(claim)                                                        \
	do {                                                                \
		if (!(claim)) {                                             \
			dprintf(2, "busy: %d: %s (%d)\n", __LINE__, #claim, \
				errno);                                     \
			_exit(1);                                           \
		}                                                           \
	} while (0)

static char self[] = "/proc/self/exe";
static char leaf[] = "leaf";
static char *const leaf_argv[] = { self, leaf, NULL };

static void repeat(long nr, int times)
{
	while (times--)
		syscall(nr, 0, 0, 0);
}

static void wait_for(pid_t pid)
{
	int status;

	CHECK(pid > 0);
	CHECK(waitpid(pid, &status, __WALL) == pid);
	CHECK(status == 0);
}

static void *thread(void *arg)
{
	repeat(SYS_getppid, 100);
	return arg;
}

/* Late, so that what the first thread does before it is gone is certain. */
static void *thread_exec(void *arg)
{
	usleep(100000);
	execv(self, leaf_argv);
	return arg;
}

static void threads(void)
{
	pthread_t ids[3];

	for (int i = 0; i < 3; i++)
		CHECK(pthread_create(&ids[i], NULL, thread, NULL) == 0);
	for (int i = 0; i < 3; i++)
		CHECK(pthread_join(ids[i], NULL) == 0);
}

static void forks(void)
{
	for (int i = 0; i < 3; i++) {
		pid_t pid = fork();

		if (!pid) {
			repeat(SYS_getpgid, 50);
			pid = fork();
			if (!pid) {
				repeat(SYS_getpgid, 7);
				_exit(0);
			}
			wait_for(pid);
			_exit(0);
		}
		wait_for(pid);
	}
}

static void execs(void)
{
	pthread_t id;
	pid_t pid = vfork();

	if (!pid) {
		execv(self, leaf_argv);
		_exit(1);
	}
	wait_for(pid);
	pid = fork();
	if (!pid) {
		/* Not the first thread of its process: its number changes. */
		CHECK(pthread_create(&id, NULL, thread_exec, NULL) == 0);
		for (;;)
			pause();
	}
	wait_for(pid);
}

/* A child made by clone or clone3 with these flags. */
static void child_by(bool is_clone3, uint64_t flags, long nr, int times)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	struct clone_args as_it_was = args;
	long pid = is_clone3 ? syscall(SYS_clone3, &args, sizeof(args))
			     : syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	CHECK(memcmp(&args, &as_it_was, sizeof(args)) == 0);
	if (!pid) {
		repeat(nr, times);
		_exit(0);
	}
	wait_for((pid_t)pid);
}

/* A filter of its own, which refuses the call. */
static void refuse_own(void)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { 4, steps };

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
	for (int i = 0; i < 10; i++)
		CHECK(getpriority(PRIO_PROCESS, 0) == -1 && errno == ENOTTY);
}

static void own_filter(void)
{
	pid_t pid = fork();

	if (!pid) {
		refuse_own();
		_exit(0);
	}
	wait_for(pid);
}

static void all(void)
{
	threads();
	forks();
	execs();
	child_by(false, 0, SYS_getuid, 5);
	child_by(true, 0, SYS_getuid, 6);
	own_filter();
}

static void untraced(void)
{
	child_by(false, CLONE_UNTRACED, SYS_getuid, 5);
	child_by(true, CLONE_UNTRACED, SYS_getgid, 6);
	child_by(true, CLONE_UNTRACED | CLONE_VFORK, SYS_getegid, 7);
#ifdef __x86_64__
	/* The register is the caller's again, in parent and child. */
	long result, flags = CLONE_UNTRACED | SIGCHLD, kept = flags;
	register long r10 __asm__("r10") = 0, r8 __asm__("r8") = 0;

	__asm__ volatile("syscall"
			 : "=a"(result), "+D"(kept)
			 : "0"(SYS_clone), "S"(0L), "d"(0L), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	CHECK(kept == flags);
	if (!result)
		_exit(0);
	wait_for((pid_t)result);
#endif
}

static volatile int rings;

static void ring(int sig)
{
	rings += sig == SIGALRM;
}

/* Calls that a signal never interrupts; then one that it always does. */
static void signals(void)
{
	struct sigaction action = { .sa_handler = ring };
	struct itimerval often = { { 0, 300 }, { 0, 300 } }, never = { 0 };

	CHECK(sigaction(SIGALRM, &action, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = 0; i < 20000; i++)
		CHECK(syscall(SYS_getppid) > 0);
	CHECK(pause() == -1 && errno == EINTR);
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	CHECK(rings > 0);
}

/* Whether a byte comes within that time. */
static bool has_come(int from, int ms)
{
	struct pollfd poll_from = { .fd = from, .events = POLLIN };

	return poll(&poll_from, 1, ms) == 1;
}

/* A child that stops itself, and says when it runs on. */
static void stops(void)
{
	char byte = 0;
	int status, ends[2], go[2];

	CHECK(pipe(ends) == 0 && pipe(go) == 0);
	pid_t pid = fork();

	if (!pid) {
		for (int round = 0; round < 3; round++) {
			CHECK(raise(SIGSTOP) == 0);
			CHECK(write(ends[1], &byte, 1) == 1);
			CHECK(read(go[0], &byte, 1) == 1);
		}
		_exit(3);
	}
	for (int round = 0; round < 3; round++) {
		CHECK(waitpid(pid, &status, WUNTRACED) == pid);
		CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
		CHECK(!has_come(ends[0], 50));
		CHECK(kill(pid, SIGCONT) == 0);
		CHECK(waitpid(pid, &status, WCONTINUED) == pid);
		CHECK(WIFCONTINUED(status));
		CHECK(has_come(ends[0], 5000) && read(ends[0], &byte, 1) == 1);
		CHECK(write(go[1], &byte, 1) == 1);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
}

static void foreign(void)
{
#ifdef __x86_64__
	for (int i = 0; i < 3; i++) {
		long result;

		/* getpid, by the 32-bit gate and by x32's number */
		__asm__ volatile("int $0x80"
				 : "=a"(result)
				 : "0"(20L)
				 : "memory");
		syscall(0x40000000L | SYS_getpid);
	}
#endif
	syscall(5000);
}

static void on_end(int sig)
{
	_exit(40 + sig);
}

static void sleeps(void)
{
	signal(SIGINT, on_end);
	signal(SIGTERM, on_end);
	CHECK(write(1, "ready\n", 6) == 6);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} modes[] = {
		{ "all", all },		{ "untraced", untraced },
		{ "signals", signals }, { "stops", stops },
		{ "foreign", foreign }, { "sleeps", sleeps },
	};

	if (argc == 2 && strcmp(argv[1], leaf) == 0) {
		repeat(SYS_getsid, 20);
		return 0;
	}
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (argc == 2 && strcmp(argv[1], modes[i].name) == 0) {
			modes[i].run();
			return 0;
		}
	return 2;
}
