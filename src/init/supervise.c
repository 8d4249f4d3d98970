#include "init/supervise.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/service.h"
#include "init/behaviour.h"
#include "init/jobs.h"
#include "init/life.h"
#include "init/log.h"
#include "init/signals.h"
#include "init/who.h"
#include "kernel/call.h"
#include "kernel/terminal.h"

/* These words are looked for in logs since tini first wrote them. */
static void note_orphan(const struct behaviour *behaviour, pid_t pid)
{
	log_line(behaviour->notes_reaping ? LOG_WARNING : LOG_DEBUG,
		 "Reaped zombie process with pid=%d", pid);
}

/*
 * A child that asks its parent to trace it (PTRACE_TRACEME) stops for us at
 * each signal: let it go, with that signal. No stop is an exit.
 */
static void child_stopped(const struct life *life, pid_t pid, int sig)
{
	if (kernel_call(SYS_ptrace, PTRACE_DETACH, pid, 0L, (long)sig) < 0 &&
	    pid == life->child)
		jobs_stop(pid, sig);
}

/*
 * Reap until nobody is left to be reaped: signals of one number merge, so one
 * SIGCHLD may stand for many deaths. The one that it tells of is not reaped
 * yet, and can still be looked at.
 */
static void reap(struct life *life, const siginfo_t *info)
{
	static struct who nobody; /* for ever: as const it is in the file */
	const struct who *who = &nobody;
	struct who looked_at;
	int ended = LIFE_NEVER_ENDED;
	int status;
	pid_t pid;

	if (info->si_code > 0 && info->si_status == SIGSYS) {
		looked_at = who_is((uint32_t)info->si_pid);
		who = &looked_at;
	}
	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0 ||
	       (pid < 0 && errno == EINTR)) {
		if (pid > 0 && WTERMSIG(status) == SIGSYS)
			denials_killed(&life->what->denials, pid,
				       pid == info->si_pid ? who : &nobody);
		if (pid > 0 && WIFSTOPPED(status))
			child_stopped(life, pid, WSTOPSIG(status));
		else if (pid == life->child)
			ended = status;
		else if (pid > 0)
			note_orphan(life->what->behaviour, pid);
	}
	life->is_alone = pid < 0;
	if (ended != LIFE_NEVER_ENDED)
		life_child_ended(life, ended);
}

/*
 * What is not for the service: reports of the kernel's about children, and
 * signals that this process brought upon itself (SIGPIPE by logging, SIGIO by
 * its socket).
 */
static bool is_own(const siginfo_t *info)
{
	if (info->si_code > 0)
		return info->si_signo == SIGCHLD || info->si_signo == SIGIO;
	return info->si_pid == getpid();
}

static bool is_terminal_stop(int sig)
{
	return sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/*
 * Pass a signal on. A refusal (the child runs as somebody else, or is gone
 * and not yet reaped) never ends init: the child's exit does.
 */
static void forward(const struct life *life, siginfo_t *info)
{
	const struct supervise *what = life->what;
	int sig = info->si_signo;
	uint8_t to = what->service->rewrite[sig];

	if (to == SERVICE_IGNORE || life->code != LIFE_NEVER_ENDED)
		return;
	if (sig == SIGCONT && !to && jobs_continue(life->child))
		return;
	/*
	 * A key reaches a group, the child in it (-c): not twice, nor later,
	 * when a shell may have continued what it stopped. A hang-up reaches
	 * the leader of the session alone.
	 */
	if (!to && info->si_code == SI_KERNEL && sig != SIGHUP &&
	    what->behaviour->session == BEHAVIOUR_SESSION_SAME &&
	    terminal_foreground() >= 0)
		return;
	if (to) {
		info->si_signo = to;
		info->si_code = SI_USER; /* a value belongs to the other one */
	}
	/* The group may be gone: the child can have gone into another. */
	if (!what->behaviour->to_group ||
	    signals_forward(-life->child, info) < 0)
		signals_forward(life->child, info);
	/* So that a shell sees its job stop; PID 1 does not. */
	if (what->behaviour->suspends && is_terminal_stop(sig))
		kill(getpid(), SIGSTOP);
}

/* Not part of the loop: what it holds would make the loop's own code longer. */
__attribute__((noinline)) static void take_signal(struct life *life,
						  siginfo_t *info)
{
	const struct behaviour *behaviour = life->what->behaviour;
	const uint8_t *rewrite = life->what->service->rewrite;

	/*
	 * Whoever sent it: signals of one number merge, so a SIGCHLD from a
	 * process may have swallowed the kernel's. And a notice comes before
	 * its sender's end.
	 */
	if (life->what->notify >= 0)
		life_take_notices(life);
	if (info->si_signo == SIGCHLD)
		reap(life, info);
	if (is_own(info))
		return;
	log_line(LOG_DEBUG, "received signal %d", info->si_signo);
	if (behaviour->stops && info->si_signo == SIGTERM &&
	    rewrite[SIGTERM] != SERVICE_IGNORE)
		life_request_stop(life);
	else
		forward(life, info);
}

/*
 * As signals_wait, and answer the filter's listener meanwhile. The descriptor
 * only says that there is a signal; it would tell less about it.
 */
static int wait_both(struct supervise *what, siginfo_t *info, uint64_t ms)
{
	struct pollfd ready[2] = {
		{ .fd = what->signals, .events = POLLIN },
		{ .fd = what->listener, .events = POLLIN },
	};

	poll(ready, 2,
	     ms < INT_MAX	? (int)ms
	     : ms == UINT64_MAX ? -1
				: INT_MAX);
	if (ready[1].revents & POLLIN)
		denials_take(&what->denials, what->listener);
	else if (ready[1].revents)
		what->listener = -1; /* nobody is under that filter any more */
	return ready[0].revents ? signals_wait(info, 0) : 0;
}

static int wait_next(struct supervise *what, siginfo_t *info, uint64_t ms)
{
	if (what->listener >= 0 && what->signals < 0)
		what->signals = signals_descriptor();
	if (what->listener >= 0 && what->signals >= 0)
		return wait_both(what, info, ms);
	return signals_wait(info, ms);
}

struct supervise_result supervise_child(struct supervise *what,
					const struct supervise_start *start)
{
	bool waits = what->service->kill_mode != SERVICE_KILL_PROCESS;
	struct life life = {
		.what = what,
		.child = start->child,
		.hours = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
			   UINT64_MAX },
		.watchdog_ms = start->watchdog_ms,
		.code = LIFE_NEVER_ENDED,
	};

	if (start->timeout_ms != UINT64_MAX)
		life.hours[LIFE_START] = life_after(start->timeout_ms);
	if (what->listener >= 0) {
		denials_begin(&what->denials);
		if (what->denials.is_audit)
			life.hours[LIFE_REMIND] = life_after(DENIALS_REMIND_MS);
	}
	while (life.code == LIFE_NEVER_ENDED || (waits && !life.is_alone)) {
		siginfo_t info;
		int sig = wait_next(what, &info, life_until(life_next(&life)));

		if (sig > 0)
			take_signal(&life, &info);
		/* Each time: signals that never end must not hide the hour. */
		life_take_time(&life);
	}
	denials_end(&what->denials);
	return (struct supervise_result){ .code = life.code, .how = life.how };
}

void supervise_rest(struct supervise *what, uint64_t ms)
{
	uint64_t end = life_after(ms);
	siginfo_t info;

	while (!what->is_told && life_until(end)) {
		int sig = signals_wait(&info, life_until(end));

		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		/* Whoever sends one of these to a service wants its end. */
		what->is_told = sig == SIGTERM || sig == SIGINT ||
				sig == SIGQUIT;
	}
}
