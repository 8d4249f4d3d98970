#include "init/jobs.h"

#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "kernel/call.h"
#include "kernel/terminal.h"

/*
 * Move the terminal's foreground from one group to another. SIGTTOU is
 * blocked, as all are: or this would stop who is in the background. Returns
 * the group that had it, or -1 where there is no terminal.
 */
static pid_t move(pid_t from, pid_t to)
{
	pid_t group = terminal_foreground();

	if (group >= 0 && group == from)
		terminal_set_foreground(to);
	return group;
}

void jobs_stop(pid_t child, int sig)
{
	const uint64_t masks[] = { ~(UINT64_C(1) << (SIGTSTP - 1)),
				   UINT64_MAX };
	pid_t group = terminal_foreground();
	uint64_t pending = 0;

	/* SIGSTOP may be anybody's wish, and none that a shell waits for. */
	if (group < 0 || (sig == SIGSTOP && group != child))
		return;
	/* The shell's job is all of the group: a script that called us, too. */
	kill(0, SIGTSTP);
	/* Between the two it stops, or the kernel refuses. */
	for (int i = 0; i < 2; i++)
		kernel_call(SYS_rt_sigprocmask, SIG_SETMASK, &masks[i], NULL,
			    sizeof(masks[i]));
	kernel_call(SYS_rt_sigpending, &pending, sizeof(pending));
	/*
	 * Continued, it finds that signal waiting, and obeys it once: twice
	 * would undo what a key does in between.
	 */
	if (sig == SIGTSTP && !(pending >> (SIGCONT - 1) & 1))
		jobs_continue(child);
}

bool jobs_continue(pid_t child)
{
	/*
	 * Not simply to the child: it may lead no group (-c), which the kernel
	 * would not mind. What a key stopped was all of the group.
	 */
	return move(getpgrp(), (pid_t)kernel_call(SYS_getpgid, child)) >= 0 &&
	       kill(-child, SIGCONT) == 0;
}

void jobs_end(pid_t child)
{
	if (terminal_foreground() == child)
		terminal_set_foreground(getpgrp());
}
