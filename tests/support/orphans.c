/*
 * orphans HOW N: at SIGUSR1 leave N orphans to init and print "left"; end at
 * SIGUSR2. HOW is
 *
 *	at-once	all have died when their parent goes: init gets N zombies in
 *		one moment
 *	singly	each is left alone and dies when it likes
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t make(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0) {
		perror("fork");
		_exit(1);
	}
	return pid;
}

static void leave_at_once(int count)
{
	siginfo_t info;
	pid_t *pids = calloc((size_t)count, sizeof(*pids));

	for (int i = 0; pids && i < count; i++)
		pids[i] = make();
	for (int i = 0; pids && i < count; i++)
		waitid(P_PID, (id_t)pids[i], &info, WEXITED | WNOWAIT);
	_exit(pids ? 0 : 1);
}

/* Run act(count) in a child, so that what it makes becomes init's. */
static void leave(void (*act)(int), int count)
{
	int status;
	pid_t middle = fork();

	if (middle == 0)
		act(count);
	waitpid(middle, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		exit(1);
}

static void leave_one(int count)
{
	(void)count;
	make();
	_exit(0);
}

int main(int argc, char **argv)
{
	int count = argc == 3 ? atoi(argv[2]) : 0;
	int sig;
	sigset_t set;

	if (count < 1)
		return 2;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("ready");
	fflush(stdout);
	while (sigwait(&set, &sig) == 0 && sig == SIGUSR1) {
		if (strcmp(argv[1], "at-once") == 0)
			leave(leave_at_once, count);
		else
			for (int i = 0; i < count; i++)
				leave(leave_one, 1);
		puts("left");
		fflush(stdout);
	}
	return 0;
}
