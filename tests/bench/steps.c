/*
 * steps [-r ROOT] COMMAND...: what an init does in user mode and of the kernel
 * to start a program. Prints four counts: the instructions of the init, to its
 * end, and of what it forks, until that becomes another program; the system
 * calls of the init up to its fork, and of the child up to its execve, both
 * included.
 *
 * The instructions are single-stepped. valgrind and perf would do, but the one
 * refuses clone(2) without CLONE_VM and the other needs counters that virtual
 * machines seldom have. As they do, a repeated string instruction counts once.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALL_STOP = SIGTRAP | 0x80 }; /* PTRACE_O_TRACESYSGOOD */

struct count {
	int how; /* PTRACE_SINGLESTEP or PTRACE_SYSCALL */
	pid_t init;
	bool has_forked;
	long of_init;
	long of_child;
	long at; /* the instruction of the last step */
};

static pid_t start(const char *root, char **argv)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (root && (chroot(root) < 0 || chdir("/") < 0))
		_exit(126);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	execv(argv[0], argv);
	_exit(127);
}

static void follow(const struct count *count)
{
	ptrace(PTRACE_SETOPTIONS, count->init, 0,
	       PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
		       PTRACE_O_TRACESYSGOOD);
	ptrace(count->how, count->init, 0, 0);
}

/* A call stops twice, as it begins and as it ends. */
static bool is_entry(pid_t pid)
{
	struct __ptrace_syscall_info info;

	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0 &&
	       info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* A repeated string instruction stops after each round, and stays where it is. */
static bool is_next(struct count *count, pid_t pid)
{
#if defined(__x86_64__)
	long before = count->at;

	count->at = ptrace(PTRACE_PEEKUSER, pid,
			   offsetof(struct user_regs_struct, rip), 0);
	return count->at != before;
#else
	(void)count, (void)pid;
	return true;
#endif
}

static bool counts(struct count *count, pid_t pid, int sig)
{
	if (count->how == PTRACE_SINGLESTEP)
		return sig == SIGTRAP && is_next(count, pid);
	if (sig != CALL_STOP || (pid == count->init && count->has_forked))
		return false;
	return is_entry(pid);
}

/* One stop of one of the two; status is waitpid's. */
static void take_stop(struct count *count, pid_t pid, int status)
{
	int event = status >> 16;
	int sig = WSTOPSIG(status);

	if (event == PTRACE_EVENT_EXEC && pid != count->init) {
		ptrace(PTRACE_DETACH, pid, 0, 0);
		return;
	}
	if (event)
		count->has_forked = true;
	else if (counts(count, pid, sig))
		*(pid == count->init ? &count->of_init : &count->of_child) += 1;
	bool is_ours = sig == SIGTRAP || sig == SIGSTOP || sig == CALL_STOP;

	ptrace(count->how, pid, 0, is_ours ? 0 : sig);
}

static void run(struct count *count, const char *root, char **argv)
{
	pid_t pid;
	int status;

	count->init = start(root, argv);
	if (waitpid(count->init, &status, 0) != count->init ||
	    !WIFSTOPPED(status)) {
		fprintf(stderr, "steps: cannot start %s\n", argv[0]);
		exit(1);
	}
	follow(count);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			take_stop(count, pid, status);
		else if (pid == count->init)
			break;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "steps: %s failed\n", argv[0]);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct count steps = { .how = PTRACE_SINGLESTEP };
	struct count calls = { .how = PTRACE_SYSCALL };
	const char *root = NULL;

	if (argc > 2 && strcmp(argv[1], "-r") == 0) {
		root = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 2)
		return 2;
	run(&steps, root, argv + 1);
	run(&calls, root, argv + 1);
	printf("%ld %ld %ld %ld\n", steps.of_init, steps.of_child,
	       calls.of_init, calls.of_child);
	return 0;
}
