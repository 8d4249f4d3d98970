#include "init/steps.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fmt.h"
#include "data/rights.h"
#include "data/service_key.h"
#include "init/apply.h"
#include "init/filtering.h"
#include "init/plan.h"
#include "init/privileges.h"
#include "init/signals.h"
#include "kernel/call.h"
#include "kernel/landlock.h"
#include "kernel/process.h"
#include "kernel/rlimit.h"
#include "kernel/terminal.h"

/* A step returns 0, or -1 with errno set. It may make raw calls only. */
typedef int step_fn(struct steps_child *child);

/*
 * A session that the terminal belongs to, if there is one that init has left
 * (leave_terminal); if not, the session is worth having alone.
 */
static int take_terminal(void)
{
	if (setsid() < 0)
		return -1;
	terminal_take();
	return 0;
}

/*
 * A session of its own, so that the service owns no terminal that it could
 * push input into. In the foreground of a terminal it stays in the session,
 * leads its own group and takes the foreground over, as job control expects;
 * SIGTTOU is blocked here, or the last call would stop the child.
 */
static int enter_session(struct steps_child *child)
{
	uint8_t session = child->plan->behaviour.session;

	if (session == BEHAVIOUR_SESSION_OWN)
		return take_terminal();
	pid_t foreground = terminal_foreground();
	bool is_foreground = foreground >= 0 && foreground == getpgrp();

	if (!is_foreground && session == BEHAVIOUR_SESSION_AUTO)
		return setsid() < 0 ? -1 : 0;
	if (setpgid(0, 0) < 0)
		return -1;
	/* In the background it is not ours to give. */
	if (is_foreground)
		terminal_set_foreground(getpid());
	return 0;
}

static int set_umask(struct steps_child *child)
{
	umask(child->plan->service.umask);
	return 0;
}

/* While still privileged, and before a limit: LimitNICE= is one. */
static int set_nice(struct steps_child *child)
{
	return process_set_nice(child->plan->service.nice.value);
}

/* While still privileged, which is what less takes than there is. */
static int set_oom_score(struct steps_child *child)
{
	char text[8];

	fmt(text, sizeof(text), "%d",
	    child->plan->service.oom_score_adjust.value);
	return process_set_oom_score(text);
}

/* While still privileged: a hard limit may have to rise. */
static int set_limits(struct steps_child *child)
{
	const struct service_limit *limits = child->plan->service.limits;

	for (int i = 0; i < SERVICE_LIMITS; i++)
		if (limits[i].is_set &&
		    rlimit_set(i, limits[i].soft, limits[i].hard) < 0)
			return -1;
	return 0;
}

/* As the service's user, who must be able to enter it; see plan.h. */
static int enter_directory(struct steps_child *child)
{
	return chdir(child->plan->service.directory);
}

/* Before those two: the kernel takes Landlock and filters from nobody without. */
static int forbid_privileges(struct steps_child *child)
{
	(void)child;
	return process_set(PR_SET_NO_NEW_PRIVS, 1);
}

/*
 * After no_new_privs, which it takes, and after all that opens files, for it
 * holds for this task, too; before the filter, which need not allow it.
 */
static int restrict_files(struct steps_child *child)
{
	const struct plan *plan = child->plan;

	return landlock_restrict(plan->ruleset,
				 plan->landlock_abi >= RIGHTS_ABI_LOGS);
}

/*
 * After all that changes credentials, which clears it. The parent that it is
 * about may have gone before.
 */
static int set_death_signal(struct steps_child *child)
{
	int sig = child->plan->behaviour.death_signal;

	if (process_set(PR_SET_PDEATHSIG, (unsigned long)sig) < 0)
		return -1;
	/* Still blocked, SIGKILL apart: the program will find it. */
	return getppid() == child->init ? 0 : kill(getpid(), sig);
}

/* Before the filter, which need not allow rt_sigprocmask. */
static int restore_signals(struct steps_child *child)
{
	return signals_give_back(child->inherited);
}

/* sd_listen_fds(3): for this process, or whoever it was is not meant. */
static void own_descriptors(struct plan *plan)
{
	char **all = plan->environment.all;

	if (plan->listen_pid >= plan->source.count)
		return;
	fmt(plan->listen_setting, sizeof(plan->listen_setting), "LISTEN_PID=%d",
	    getpid());
	all[plan->listen_pid] = plan->listen_setting;
}

static int start_program(struct steps_child *child)
{
	return spawn_exec(child->command->path, child->command->argv,
			  child->plan->environment.all, child->cookie);
}

/* What has to hold for a step to be taken. */
enum when {
	WHEN_ALWAYS = 1,
	WHEN_SESSION = 2,
	WHEN_UMASK = 4,
	WHEN_PRIVILEGED = 8, /* locked in, by one that has CAP_SETPCAP */
	WHEN_IDS = 16,
	WHEN_LOCKED = 32,
	WHEN_DIRECTORY = 64,
	WHEN_DEATH = 128,
	WHEN_GATE = 256,
	WHEN_FILTER = 512,
	WHEN_NICE = 1024,
	WHEN_OOM_SCORE = 2048,
	WHEN_AMBIENT = 4096,
	WHEN_SECURE_BITS = 8192,
	WHEN_NO_NEW_PRIVS = 16384,
	WHEN_LANDLOCK = 32768,
	WHEN_BOUNDING = 65536,
};

#define STEP(run, what, when)                     \
	{                                         \
		run, what, __builtin_ctz(when), 0 \
	}
#define KEY(run, when, name)                                       \
	{                                                          \
		run, NULL, __builtin_ctz(when), SERVICE_KEY_##name \
	}

/* One that is about a key has its name. */
static const struct step {
	step_fn *run;
	const char *what;
	uint8_t when; /* the bit of enum when */
	uint8_t key;
} __attribute__((packed)) steps[] = {
	STEP(enter_session, "start a session", WHEN_SESSION),
	KEY(set_umask, WHEN_UMASK, UMask),
	KEY(set_nice, WHEN_NICE, Nice),
	KEY(set_oom_score, WHEN_OOM_SCORE, OOMScoreAdjust),
	STEP(set_limits, "set resource limits", WHEN_ALWAYS),
	KEY(privileges_raise_ambient, WHEN_AMBIENT, AmbientCapabilities),
	KEY(privileges_drop_bounding, WHEN_BOUNDING, CapabilityBoundingSet),
	STEP(privileges_lock_bits, "lock the secure bits", WHEN_PRIVILEGED),
	STEP(privileges_set_groups, "set supplementary groups", WHEN_IDS),
	STEP(privileges_set_gid, "set the group id", WHEN_IDS),
	STEP(privileges_set_uid, "set the user id", WHEN_IDS),
	KEY(privileges_set_bits, WHEN_SECURE_BITS, SecureBits),
	STEP(privileges_clear, "drop capabilities", WHEN_LOCKED),
	KEY(enter_directory, WHEN_DIRECTORY, WorkingDirectory),
	STEP(forbid_privileges, "set no_new_privs", WHEN_NO_NEW_PRIVS),
	STEP(set_death_signal, "set the parent death signal", WHEN_DEATH),
	STEP(restore_signals, "restore signals", WHEN_ALWAYS),
	STEP(restrict_files, "Landlock", WHEN_LANDLOCK),
	STEP(filtering_draw_cookie, "draw the cookie of the gate", WHEN_GATE),
	STEP(filtering_install, "install the system call filter", WHEN_FILTER),
	STEP(start_program, NULL, WHEN_ALWAYS),
};

enum {
	STEPS = sizeof(steps) / sizeof(steps[0]),
	STEP_EXEC = STEPS - 1,
};

_Static_assert((int)STEPS <= (int)STEPS_MAX, "a place for each in the report");

unsigned int steps_when(const struct plan *plan)
{
	const struct service *service = &plan->service;
	bool is_gated = plan->has_filter && plan->filter.flags & FILTER_GATE;
	unsigned int holds = WHEN_ALWAYS;

	if (plan->behaviour.session != BEHAVIOUR_SESSION_SAME)
		holds |= WHEN_SESSION;
	if (service->has_umask)
		holds |= WHEN_UMASK;
	if (plan->is_hardened)
		holds |= WHEN_LOCKED;
	if (plan->is_hardened && caps_has(&plan->caps, CAPS_SETPCAP))
		holds |= WHEN_PRIVILEGED | WHEN_BOUNDING;
	/* What no execve may give needs no bound. */
	if (plan->is_hardened && service->no_new_privs == SERVICE_NO)
		holds |= WHEN_BOUNDING;
	if (service->secure_bits.is_set)
		holds |= WHEN_SECURE_BITS;
	if (plan->ruleset >= 0)
		holds |= WHEN_LANDLOCK | WHEN_NO_NEW_PRIVS;
	if (plan->is_hardened ? service->no_new_privs != SERVICE_NO
			      : service->no_new_privs == SERVICE_YES)
		holds |= WHEN_NO_NEW_PRIVS;
	if (service->ambient.bits)
		holds |= WHEN_AMBIENT;
	if (service->nice.is_set)
		holds |= WHEN_NICE;
	if (service->oom_score_adjust.is_set)
		holds |= WHEN_OOM_SCORE;
	if (plan->changes_ids)
		holds |= WHEN_IDS;
	if (service->directory)
		holds |= WHEN_DIRECTORY;
	if (plan->behaviour.death_signal)
		holds |= WHEN_DEATH;
	if (plan->has_filter)
		holds |= WHEN_FILTER;
	return is_gated ? holds | WHEN_GATE : holds;
}

const char *steps_name(int i)
{
	const struct step *step = &steps[i];

	if (i == STEP_EXEC)
		return NULL;
	return step->what ? step->what : service_key(step->key);
}

const char *steps_what(const struct plan *plan, size_t i)
{
	if (i >= STEPS)
		return NULL;
	if (!(steps_when(plan) >> steps[i].when & 1))
		return "";
	return i == STEP_EXEC ? "start" : steps_name((int)i);
}

void steps_run(struct steps_child *child)
{
	/*
	 * Not under the filter, which may refuse getpid: that would ask
	 * pith-init, which sleeps until the program starts.
	 */
	own_descriptors(child->plan);
	for (int i = 0; i < STEPS; i++) {
		if (!(child->when >> steps[i].when & 1) ||
		    steps[i].run(child) == 0)
			continue;
		if (!steps[i].what &&
		    service_is_best_effort(&child->plan->service,
					   steps[i].key)) {
			child->report->missed |= 1U << i;
			child->report->errors[i] = (uint8_t)errno;
			continue;
		}
		child->report->step = i;
		child->report->error = errno;
		break;
	}
	/* Reached on failure only; the report is what counts, not the code. */
	for (;;)
		kernel_call(SYS_exit_group, APPLY_FAILED);
}
