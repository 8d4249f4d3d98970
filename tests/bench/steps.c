/*
 * steps [-r ROOT] COMMAND...: count the instructions that an init executes in
 * user mode, by single-stepping it and what it forks until that becomes
 * another program, which is then let go. Prints "init N child N".
 *
 * valgrind and perf would do, but the one refuses clone(2) without CLONE_VM
 * and the other needs counters that virtual machines seldom have.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void follow(pid_t pid)
{
	ptrace(PTRACE_SETOPTIONS, pid, 0,
	       PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC);
	ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
}

int main(int argc, char **argv)
{
	const char *root = NULL;
	long init_steps = 0, child_steps = 0;
	int status;

	if (argc > 2 && strcmp(argv[1], "-r") == 0) {
		root = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 2)
		return 2;
	pid_t init = start(root, argv + 1);

	if (waitpid(init, &status, 0) != init || !WIFSTOPPED(status)) {
		fprintf(stderr, "steps: cannot start %s\n", argv[1]);
		return 1;
	}
	follow(init);
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0)
			break;
		if (!WIFSTOPPED(status)) {
			if (pid == init)
				break;
			continue;
		}
		int event = status >> 16;
		int sig = WSTOPSIG(status);

		if (event == PTRACE_EVENT_EXEC && pid != init) {
			ptrace(PTRACE_DETACH, pid, 0, 0);
			continue;
		}
		if (sig == SIGTRAP && !event) {
			if (pid == init)
				init_steps++;
			else
				child_steps++;
		}
		bool is_ours = sig == SIGTRAP || sig == SIGSTOP;

		ptrace(PTRACE_SINGLESTEP, pid, 0, is_ours ? 0 : sig);
	}
	printf("init %ld child %ld\n", init_steps, child_steps);
	return 0;
}
