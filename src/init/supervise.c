#include "init/supervise.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/log.h"
#include "init/signals.h"

static const uint64_t never = UINT64_MAX;

/* Milliseconds of a clock that nobody sets. */
static uint64_t now_ms(void)
{
	struct {
		int64_t sec;
		int64_t nsec;
	} t = { 0 };
#ifdef SYS_clock_gettime64
	syscall(SYS_clock_gettime64, 1 /* CLOCK_MONOTONIC */, &t);
#else
	syscall(SYS_clock_gettime, 1 /* CLOCK_MONOTONIC */, &t);
#endif
	return (uint64_t)t.sec * 1000 + (uint64_t)t.nsec / 1000000;
}

static uint64_t remaining(uint64_t deadline)
{
	if (deadline == never)
		return never;
	uint64_t now = now_ms();

	return deadline > now ? deadline - now : 0;
}

static int exit_code(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return 128 + WTERMSIG(status);
}

/*
 * Reap until nobody is left to be reaped: signals of one number merge, so one
 * SIGCHLD may stand for many deaths. Returns the child's exit code when it
 * was among them, else -1.
 */
static int reap(pid_t child)
{
	int code = -1;
	int status;
	pid_t pid;

	/* No WUNTRACED: a stopped child is not an exit. */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0 ||
	       (pid < 0 && errno == EINTR))
		if (pid == child)
			code = exit_code(status);
	return code;
}

static bool is_exit_report(const siginfo_t *info)
{
	/* kill -CHLD from a process is no report, but a message to pass on. */
	return info->si_signo == SIGCHLD && info->si_code > 0;
}

static uint64_t start_stop(const struct supervise *what)
{
	uint64_t deadline;

	if (__builtin_add_overflow(now_ms(), what->timeout_stop_ms, &deadline))
		return never;
	return deadline;
}

/* The child did not obey in time. It and all that it started must go. */
static void kill_all(const struct supervise *what)
{
	log_line("the service did not stop within TimeoutStopSec: SIGKILL");
	/* Only as PID 1 of an own namespace is "everybody" ours. */
	if (what->is_pid1)
		kill(-1, SIGKILL);
	else if (kill(-what->child, SIGKILL) < 0)
		kill(what->child, SIGKILL);
}

int supervise_child(const struct supervise *what)
{
	uint64_t deadline = never;

	for (;;) {
		siginfo_t info;
		int sig = signals_wait(&info, remaining(deadline));

		if (sig < 0 && errno == EAGAIN) {
			kill_all(what);
			deadline = never;
		}
		if (sig < 0)
			continue;
		if (is_exit_report(&info)) {
			int code = reap(what->child);

			if (code >= 0)
				return code;
			continue;
		}
		/*
		 * A refusal (the child runs as somebody else, or is gone and
		 * not yet reaped) never ends init: the child's exit does.
		 */
		signals_forward(what->child, &info);
		if (sig == SIGTERM && deadline == never)
			deadline = start_stop(what);
	}
}
