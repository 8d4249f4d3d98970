#include "init/life.h"

#include <signal.h>
#include <sys/wait.h>

#include "data/notice.h"
#include "data/service.h"
#include "init/behaviour.h"
#include "init/jobs.h"
#include "init/log.h"
#include "init/supervise.h"
#include "kernel/clock.h"
#include "kernel/notify.h"

static const uint64_t never = UINT64_MAX;

enum { LAST_WAIT_MS = 1000 }; /* for those who were killed to be gone */

uint64_t life_after(uint64_t ms)
{
	uint64_t then;

	return __builtin_add_overflow(clock_ms(), ms, &then) ? never : then;
}

uint64_t life_until(uint64_t hour)
{
	if (hour == never)
		return never;
	uint64_t now = clock_ms();

	return hour > now ? hour - now : 0;
}

/* A loop that both of its callers would unroll. */
__attribute__((noinline)) uint64_t life_next(const struct life *life)
{
	uint64_t first = never;

	for (int i = 0; i < LIFE_HOURS; i++)
		if (life->hours[i] < first)
			first = life->hours[i];
	return first;
}

/* Signal all that is ours. */
static void signal_all(const struct life *life, int sig)
{
	/* Only as PID 1 of an own namespace is "everybody" ours. */
	if (life->what->is_pid1)
		kill(-1, sig);
	else if (kill(-life->child, sig) < 0)
		kill(life->child, sig);
}

/* Never a process that is gone: its number may be somebody else's now. */
static void signal_main(const struct life *life, int sig)
{
	if (life->code == LIFE_NEVER_ENDED)
		kill(life->child, sig);
}

/* From here on only the end of the grace counts. */
static void forget_hours(struct life *life)
{
	for (int i = 0; i < LIFE_HOURS; i++)
		life->hours[i] = never;
}

static void begin_grace(struct life *life)
{
	forget_hours(life);
	life->hours[LIFE_KILL] = life_after(
		life->what->service->timeout_stop_ms);
}

static void kill_everybody(struct life *life, const char *why)
{
	int sig = life->what->service->final_kill_signal;

	sig = sig ? sig : SIGKILL;
	forget_hours(life);
	if (life->what->is_pid1)
		life->hours[LIFE_KILL] = life_after(LAST_WAIT_MS);
	life->is_killed = true;
	signal_all(life, sig);
	/* Last: who is to be killed may be who reads this. */
	log_line(LOG_WARNING, "%s: signal %d to everybody", why, sig);
}

/* Pass the stop on and start its time, as KillSignal=, KillMode= and SendSIGHUP= say. */
static void send_stop(struct life *life)
{
	const struct service *service = life->what->service;
	int sig = service->kill_signal ? service->kill_signal : SIGTERM;
	bool to_all = service->kill_mode == SERVICE_KILL_ALL;

	if (service->rewrite[SIGTERM])
		sig = service->rewrite[SIGTERM];
	begin_grace(life);
	life->is_stopping = true;
	for (int round = 0; round < 1 + service->send_sighup; round++) {
		if (to_all)
			signal_all(life, sig);
		else
			signal_main(life, sig);
		sig = SIGHUP;
	}
	/* Who is stopped (SIGSTOP, ^Z) could not obey. */
	if (to_all)
		signal_all(life, SIGCONT);
	else
		signal_main(life, SIGCONT);
}

/* The grace runs: the end is being waited for, and nothing else. */
static bool is_ending(const struct life *life)
{
	return life->is_stopping || life->hours[LIFE_KILL] != never;
}

void life_request_stop(struct life *life)
{
	uint64_t delay = life->what->service->forward_delay_ms;

	if (life->what->is_told) {
		kill_everybody(life, "told to stop again");
		return;
	}
	life->what->is_told = true;
	/* What it left behind has been told, and its time runs. */
	if (life->is_stopping)
		return;
	if (delay)
		life->hours[LIFE_FORWARD] = life_after(delay);
	else
		send_stop(life);
}

/*
 * What is left of the group is told to end, and not waited for. While there
 * is any the number is no new process's, and right now it is nobody's.
 */
static void end_group(const struct life *life)
{
	const struct supervise *what = life->what;
	uint8_t to = what->service->rewrite[SIGTERM];

	if (what->behaviour->to_group && to != SERVICE_IGNORE)
		kill(-life->child, to ? to : SIGTERM);
}

/* Of signals systemd calls these four a clean end. */
static unsigned int how_ended(int status, int code)
{
	const uint64_t clean = UINT64_C(1) << SIGHUP | UINT64_C(1) << SIGINT |
			       UINT64_C(1) << SIGPIPE | UINT64_C(1) << SIGTERM;

	if (WIFEXITED(status) || !code)
		return code ? SUPERVISE_CODE : SUPERVISE_CLEAN;
	return clean >> WTERMSIG(status) & 1 ? SUPERVISE_CLEAN
					     : SUPERVISE_SIGNAL;
}

void life_child_ended(struct life *life, int status)
{
	const struct supervise *what = life->what;
	const struct service *service = what->service;

	life->code = WIFEXITED(status) ? WEXITSTATUS(status)
				       : 128 + WTERMSIG(status);
	jobs_end(life->child);
	log_line(LOG_INFO, "process %d ended with code %d", life->child,
		 life->code);
	if (service->success[life->code / 8] >> life->code % 8 & 1)
		life->code = 0;
	if (!life->how)
		life->how = how_ended(status, life->code);
	life->hours[LIFE_START] = life->hours[LIFE_WATCHDOG] = never;
	if (what->behaviour->ends_group)
		end_group(life);
	if (life->is_alone || service->kill_mode == SERVICE_KILL_PROCESS)
		return;
	if (service->kill_mode == SERVICE_KILL_MIXED)
		kill_everybody(life, "the main process ended");
	else if (!life->is_stopping)
		send_stop(life);
}

/*
 * Not even killing helped: what runs as somebody else is out of reach without
 * CAP_KILL, and what sleeps in the kernel does not die. But when PID 1 ends,
 * the kernel takes its whole namespace down.
 */
static void give_up(struct life *life)
{
	if (life->code == LIFE_NEVER_ENDED)
		life->code = 128 + SIGKILL;
	life->is_alone = true;
}

/* As systemd: an abort shows where it hangs, and then the grace begins. */
static void bark(struct life *life)
{
	life->how = SUPERVISE_WATCHDOG;
	begin_grace(life);
	signal_main(life, SIGABRT);
	log_line(LOG_WARNING, "no WATCHDOG=1 within WatchdogSec: aborted");
}

/* Not part of the loop, like take_signal. */
__attribute__((noinline)) void life_take_time(struct life *life)
{
	if (life_next(life) == never)
		return;
	if (!life_until(life->hours[LIFE_FORWARD]))
		send_stop(life);
	if (!life_until(life->hours[LIFE_WATCHDOG]))
		bark(life);
	if (!life_until(life->hours[LIFE_START])) {
		life->how = SUPERVISE_TIMEOUT;
		send_stop(life);
		log_line(LOG_WARNING, "not started within its time");
	}
	if (!life_until(life->hours[LIFE_REMIND])) {
		denials_remind(&life->what->denials);
		life->hours[LIFE_REMIND] = life_after(DENIALS_REMIND_MS);
	}
	if (life_until(life->hours[LIFE_KILL]))
		return;
	if (life->is_killed)
		give_up(life);
	else
		kill_everybody(life, "not stopped within TimeoutStopSec");
}

/* Only ever later, and only of what is being waited for. */
static void extend(struct life *life, uint64_t ms)
{
	uint64_t *hour = &life->hours[is_ending(life) ? LIFE_KILL : LIFE_START];
	uint64_t later = life_after(ms);

	if (*hour != never && later > *hour)
		*hour = later;
}

static void take_notice(struct life *life, const struct notice *notice)
{
	if (notice->what & NOTICE_READY) {
		life->hours[LIFE_START] = never;
		log_line(LOG_INFO, "ready");
	}
	if (notice->what & NOTICE_INTERVAL)
		life->watchdog_ms = notice->interval_ms;
	if (notice->what & NOTICE_STOPPING && !is_ending(life))
		begin_grace(life);
	if (notice->what & NOTICE_EXTEND && !life->is_killed)
		extend(life, notice->extend_ms);
	if (is_ending(life) || !life->watchdog_ms)
		return;
	if (notice->what & NOTICE_STUCK)
		bark(life);
	else if (notice->what & (NOTICE_READY | NOTICE_ALIVE | NOTICE_INTERVAL))
		life->hours[LIFE_WATCHDOG] = life_after(life->watchdog_ms);
}

void life_take_notices(struct life *life)
{
	char text[NOTICE_SIZE_MAX];
	ssize_t len;
	pid_t from;

	while ((len = notify_receive(life->what->notify, text, sizeof(text),
				     &from)) >= 0) {
		struct notice notice = notice_parse(
			(struct slice){ text, (size_t)len });

		/* Everybody in the container can reach the socket. */
		if (from == life->child && life->code == LIFE_NEVER_ENDED)
			take_notice(life, &notice);
	}
}
