#include "tool/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "tool/told.h"

/* What both see: the one place for an answer of more than eight bits. */
struct answer {
	int result;
	struct err err;
};

__attribute__((noreturn)) static void be_second(const struct guard *guard,
						struct answer *answer,
						pid_t parent)
{
	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* not inherited */
	/* Whoever kills pith must not leave the container behind. */
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	/* Gone before that was in place: nobody else would tell. */
	if (getppid() != parent)
		raise(SIGTERM);
	answer->result = guard->work(guard->arg, &answer->err);
	guard->clean(guard->arg);
	/* Not exit: what stdio holds, the first one writes as well. */
	_exit(0);
}

bool guard_has_children(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return pid == 0;
}

/* Pass on what is told until the second one has ended: its wait status. */
static int wait_for(pid_t second)
{
	int status;

	for (;;) {
		int sig = told_wait(TOLD_FOR_EVER);

		if (waitpid(second, &status, WNOHANG) == second)
			return status;
		if (sig > 0 && sig != SIGCHLD)
			kill(second, sig);
	}
}

int guard_run(const struct guard *guard, struct err *err)
{
	struct answer *answer = mmap(NULL, sizeof(*answer),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t parent = getpid();
	int result = -1;

	if (answer == MAP_FAILED)
		return err_set(err, errno, "memory");
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	fflush(NULL);
	pid_t second = fork();

	if (second == 0)
		be_second(guard, answer, parent);
	int status = second < 0 ? 0 : wait_for(second);

	if (second < 0) {
		err_set(err, errno, "fork");
	} else if (WIFSIGNALED(status)) {
		err_set(err, 0, "process %d, which did the work: signal %d",
			(int)second, WTERMSIG(status));
	} else {
		result = answer->result;
		*err = answer->err;
	}
	if (second < 0 || WIFSIGNALED(status))
		guard->clean(guard->arg);
	munmap(answer, sizeof(*answer));
	return result;
}
