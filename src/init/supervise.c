#include "init/supervise.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/service.h"
#include "init/behaviour.h"
#include "init/log.h"
#include "init/signals.h"
#include "kernel/clock.h"

static const uint64_t never = UINT64_MAX;

enum { LAST_WAIT_MS = 1000 }; /* for those who were killed to be gone */

static uint64_t remaining(uint64_t deadline)
{
	if (deadline == never)
		return never;
	uint64_t now = clock_ms();

	return deadline > now ? deadline - now : 0;
}

/* What has happened so far. */
struct state {
	const struct supervise *what;
	uint64_t delay;	   /* when the stop is passed on, or never */
	uint64_t deadline; /* when whoever is left is killed, or never */
	int code;	   /* the main process's exit code, or -1 */
	bool is_stopping;
	bool is_killed;
	bool is_alone; /* no child is left */
};

static uint64_t after(uint64_t ms)
{
	uint64_t then;

	return __builtin_add_overflow(clock_ms(), ms, &then) ? never : then;
}

/* Signal all that is ours. Returns 0, or -1 with errno set. */
static int signal_all(const struct supervise *what, int sig)
{
	/* Only as PID 1 of an own namespace is "everybody" ours. */
	if (what->is_pid1)
		return kill(-1, sig);
	return kill(-what->child, sig) < 0 ? kill(what->child, sig) : 0;
}

/* Never a process that is gone: its number may be somebody else's now. */
static void signal_main(const struct state *state, int sig)
{
	if (state->code < 0)
		kill(state->what->child, sig);
}

static void kill_everybody(struct state *state, const char *why)
{
	int sig = state->what->service->final_kill_signal;

	sig = sig ? sig : SIGKILL;
	state->delay = never;
	state->deadline = state->what->is_pid1 ? after(LAST_WAIT_MS) : never;
	state->is_killed = true;
	signal_all(state->what, sig);
	/* Last: who is to be killed may be who reads this. */
	log_line("%s: signal %d to everybody", why, sig);
}

/* Pass the stop on and start its time, as KillSignal=, KillMode= and SendSIGHUP= say. */
static void send_stop(struct state *state)
{
	const struct service *service = state->what->service;
	int sig = service->kill_signal ? service->kill_signal : SIGTERM;
	bool to_all = service->kill_mode == SERVICE_KILL_ALL;

	if (service->rewrite[SIGTERM])
		sig = service->rewrite[SIGTERM];
	state->delay = never;
	state->deadline = after(service->timeout_stop_ms);
	for (int round = 0; round < 1 + service->send_sighup; round++) {
		if (to_all)
			signal_all(state->what, sig);
		else
			signal_main(state, sig);
		sig = SIGHUP;
	}
	/* Who is stopped (SIGSTOP, ^Z) could not obey. */
	if (to_all)
		signal_all(state->what, SIGCONT);
	else
		signal_main(state, SIGCONT);
}

/*
 * SIGTERM is the engine's wish to stop. The first starts the time that the
 * service has; a second says that it has no more.
 */
static void request_stop(struct state *state)
{
	const struct service *service = state->what->service;
	uint64_t delay = service->forward_delay_ms;

	if (state->is_stopping) {
		kill_everybody(state, "told to stop again");
		return;
	}
	state->is_stopping = true;
	if (delay)
		state->delay = after(delay);
	else
		send_stop(state);
}

/*
 * What is left of the group is told to end, and not waited for. While there
 * is any the number is no new process's, and right now it is nobody's.
 */
static void end_group(const struct supervise *what)
{
	uint8_t to = what->service->rewrite[SIGTERM];

	if (what->behaviour->to_group && to != SERVICE_IGNORE)
		kill(-what->child, to ? to : SIGTERM);
}

/*
 * The service is over. What it leaves behind has been told to stop with it,
 * or is told now, and gets the rest of the time; KillMode=mixed gives none.
 */
static void main_ended(struct state *state, int code)
{
	const struct supervise *what = state->what;
	const struct service *service = what->service;
	bool was_told = state->is_stopping && state->delay == never;

	state->code = code;
	if (what->behaviour->verbosity >= BEHAVIOUR_INFO)
		log_line("main process ended with code %d", code);
	if (what->behaviour->ends_group)
		end_group(what);
	if (state->is_alone || service->kill_mode == SERVICE_KILL_PROCESS)
		return;
	if (service->kill_mode == SERVICE_KILL_MIXED) {
		kill_everybody(state, "the main process ended");
		return;
	}
	state->is_stopping = true;
	if (!was_told)
		send_stop(state);
}

static int exit_code(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return 128 + WTERMSIG(status);
}

/* These words are looked for in logs since tini first wrote them. */
static void note_orphan(const struct behaviour *behaviour, pid_t pid)
{
	if (behaviour->notes_reaping || behaviour->verbosity >= BEHAVIOUR_TRACE)
		log_line("Reaped zombie process with pid=%d", pid);
}

/*
 * Reap until nobody is left to be reaped: signals of one number merge, so one
 * SIGCHLD may stand for many deaths.
 */
static void reap(struct state *state)
{
	int code = -1;
	int status;
	pid_t pid;

	/* No WUNTRACED: a stopped child is not an exit. */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0 ||
	       (pid < 0 && errno == EINTR)) {
		/*
		 * A child that asks its parent to trace it (PTRACE_TRACEME)
		 * stops for us at each signal: let it go, with that signal.
		 */
		if (pid > 0 && WIFSTOPPED(status))
			syscall(SYS_ptrace, PTRACE_DETACH, pid, 0L,
				(long)WSTOPSIG(status));
		else if (pid == state->what->child)
			code = exit_code(status);
		else if (pid > 0)
			note_orphan(state->what->behaviour, pid);
	}
	state->is_alone = pid < 0;
	if (code >= 0)
		main_ended(state, code);
}

/*
 * What is not for the service: reports of the kernel's about children, and
 * signals that this process brought upon itself (SIGPIPE by logging).
 */
static bool is_own(const siginfo_t *info)
{
	if (info->si_code > 0)
		return info->si_signo == SIGCHLD;
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
static void forward(const struct state *state, siginfo_t *info)
{
	const struct supervise *what = state->what;
	int sig = info->si_signo;
	uint8_t to = what->service->rewrite[sig];

	if (to == SERVICE_IGNORE || state->code >= 0)
		return;
	if (to) {
		info->si_signo = to;
		info->si_code = SI_USER; /* a value belongs to the other one */
	}
	/* The group may be gone: the child can have gone into another. */
	if (!what->behaviour->to_group ||
	    signals_forward(-what->child, info) < 0)
		signals_forward(what->child, info);
	/* So that a shell sees its job stop; PID 1 does not. */
	if (what->behaviour->suspends && is_terminal_stop(sig))
		kill(getpid(), SIGSTOP);
}

static void take_signal(struct state *state, siginfo_t *info)
{
	const struct behaviour *behaviour = state->what->behaviour;
	const uint8_t *rewrite = state->what->service->rewrite;

	/*
	 * Whoever sent it: signals of one number merge, so a SIGCHLD from a
	 * process may have swallowed the kernel's.
	 */
	if (info->si_signo == SIGCHLD)
		reap(state);
	if (is_own(info))
		return;
	if (behaviour->verbosity >= BEHAVIOUR_TRACE)
		log_line("received signal %d", info->si_signo);
	if (behaviour->stops && info->si_signo == SIGTERM &&
	    rewrite[SIGTERM] != SERVICE_IGNORE)
		request_stop(state);
	else
		forward(state, info);
}

/*
 * Not even killing helped: what runs as somebody else is out of reach without
 * CAP_KILL, and what sleeps in the kernel does not die. But when PID 1 ends,
 * the kernel takes its whole namespace down.
 */
static void give_up(struct state *state)
{
	if (state->code < 0)
		state->code = 128 + SIGKILL;
	state->is_alone = true;
}

static void take_time(struct state *state)
{
	if (!remaining(state->delay))
		send_stop(state);
	if (remaining(state->deadline))
		return;
	if (state->is_killed)
		give_up(state);
	else
		kill_everybody(state, "not stopped within TimeoutStopSec");
}

static int final_code(const struct state *state)
{
	const uint8_t *success = state->what->service->success;
	unsigned int code = (unsigned int)state->code & (SERVICE_CODES - 1);

	return success[code / 8] >> code % 8 & 1 ? 0 : state->code;
}

int supervise_child(const struct supervise *what)
{
	struct state state = {
		.what = what,
		.delay = never,
		.deadline = never,
		.code = -1,
	};
	bool waits = what->service->kill_mode != SERVICE_KILL_PROCESS;

	while (state.code < 0 || (waits && !state.is_alone)) {
		uint64_t next = state.delay < state.deadline ? state.delay
							     : state.deadline;
		siginfo_t info;
		int sig = signals_wait(&info, remaining(next));

		if (sig > 0)
			take_signal(&state, &info);
		/* Each time: signals that never end must not hide the hour. */
		take_time(&state);
	}
	return final_code(&state);
}
