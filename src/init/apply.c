#include "init/apply.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "init/plan.h"
#include "init/signals.h"
#include "kernel/ids.h"
#include "kernel/memory.h"
#include "kernel/process.h"
#include "kernel/rlimit.h"
#include "kernel/seccomp.h"
#include "kernel/spawn.h"
#include "kernel/terminal.h"

/* What the child's steps share. Lives in the child's own copy of memory. */
struct child {
	struct plan *plan;
	pid_t init; /* the parent; known where somebody has to ask */
	const struct signals *inherited;
	uint32_t cookie[SPAWN_COOKIE_WORDS];
};

/* A step returns 0, or -1 with errno set. It may make raw calls only. */
typedef int step_fn(struct child *child);

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
static int enter_session(struct child *child)
{
	uint8_t session = child->plan->behaviour.session;

	if (session == BEHAVIOUR_SESSION_SAME)
		return 0;
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

static int set_umask(struct child *child)
{
	if (child->plan->service.has_umask)
		umask(child->plan->service.umask);
	return 0;
}

/* While still privileged: a hard limit may have to rise. */
static int set_limits(struct child *child)
{
	const struct service_limit *limits = child->plan->service.limits;

	for (int i = 0; i < SERVICE_LIMITS; i++)
		if (limits[i].is_set &&
		    rlimit_set(i, limits[i].soft, limits[i].hard) < 0)
			return -1;
	return 0;
}

/*
 * Before the ids change, for both need CAP_SETPCAP in the effective set.
 * Without that capability no_new_privs makes the bounding set moot, since no
 * execve can gain anything.
 */
static int drop_bounding(struct child *child)
{
	const struct plan *plan = child->plan;

	if (!plan->is_hardened || !caps_has(&plan->caps, CAPS_SETPCAP))
		return 0;
	return caps_drop_bounding();
}

/*
 * Before the ids change, for the same reason. These bits keep capabilities
 * across that change (PR_SET_KEEPCAPS is not needed), so clear_caps must
 * follow.
 */
static int lock_securebits(struct child *child)
{
	const struct plan *plan = child->plan;

	if (!plan->is_hardened || !caps_has(&plan->caps, CAPS_SETPCAP))
		return 0;
	return caps_lock_securebits();
}

/* Groups, then gid, then uid: each of the first two needs what uid 0 has. */
static int set_groups(struct child *child)
{
	const struct service *s = &child->plan->service;
	uint32_t groups[SERVICE_GROUPS_MAX];

	if (!child->plan->changes_ids)
		return 0;
	for (size_t i = 0; i < s->group_count; i++)
		groups[i] = s->groups[i].id;
	return ids_set_groups(groups, s->group_count);
}

static int set_gid(struct child *child)
{
	if (!child->plan->changes_ids)
		return 0;
	return ids_set_gid(child->plan->service.group.id);
}

static int set_uid(struct child *child)
{
	if (!child->plan->changes_ids)
		return 0;
	return ids_set_uid(child->plan->service.user.id);
}

/*
 * After the ids: it takes away the right to change them. The ambient set can
 * hold only what is permitted and inheritable, so it empties with them.
 */
static int clear_caps(struct child *child)
{
	static const struct caps none;

	return child->plan->is_hardened ? caps_set(&none) : 0;
}

/* As the service's user, who must be able to enter it; see plan.h. */
static int enter_directory(struct child *child)
{
	const char *directory = child->plan->service.directory;

	return directory ? chdir(directory) : 0;
}

/* Before the filter: the kernel takes a filter from nobody without it. */
static int forbid_privileges(struct child *child)
{
	if (!child->plan->is_hardened)
		return 0;
	return process_set(PR_SET_NO_NEW_PRIVS, 1);
}

/*
 * After all that changes credentials, which clears it. The parent that it is
 * about may have gone before.
 */
static int set_death_signal(struct child *child)
{
	int sig = child->plan->behaviour.death_signal;

	if (!sig)
		return 0;
	if (process_set(PR_SET_PDEATHSIG, (unsigned long)sig) < 0)
		return -1;
	/* Still blocked, SIGKILL apart: the program will find it. */
	return getppid() == child->init ? 0 : kill(getpid(), sig);
}

/* Before the filter, which need not allow rt_sigprocmask. */
static int restore_signals(struct child *child)
{
	return signals_give_back(child->inherited);
}

/*
 * In the child, so that the cookie was never in the memory of pith-init, and
 * into the child's copy of the filter.
 */
static int draw_cookie(struct child *child)
{
	struct filter *filter = &child->plan->filter;

	if (!child->plan->has_filter || !(filter->flags & FILTER_GATE))
		return 0;
	/* A short read is impossible below 256 bytes (random(4)). */
	if (syscall(SYS_getrandom, child->cookie, sizeof(child->cookie), 0) < 0)
		return -1;
	for (int i = 0; i < FILTER_COOKIE_WORDS; i++)
		if (filter->cookie[i] != FILTER_NO_WORD)
			filter->insns[filter->cookie[i]].k = child->cookie[i];
	return 0;
}

/* Last: from here on the program's own rules hold, for this task too. */
static int install_filter(struct child *child)
{
	const struct filter *filter = &child->plan->filter;

	if (!child->plan->has_filter)
		return 0;
	return seccomp_install(filter->insns, filter->insn_count);
}

static int start_program(struct child *child)
{
	const struct plan *plan = child->plan;

	return spawn_exec(plan->path, plan->argv, plan->environment.all,
			  child->cookie);
}

static const struct step {
	step_fn *run;
	const char *what;
} steps[] = {
	{ enter_session, "start a session" },
	{ set_umask, "UMask" },
	{ set_limits, "set resource limits" },
	{ drop_bounding, "drop the capability bounding set" },
	{ lock_securebits, "lock the secure bits" },
	{ set_groups, "set supplementary groups" },
	{ set_gid, "set the group id" },
	{ set_uid, "set the user id" },
	{ clear_caps, "drop capabilities" },
	{ enter_directory, "WorkingDirectory" },
	{ forbid_privileges, "set no_new_privs" },
	{ set_death_signal, "set the parent death signal" },
	{ restore_signals, "restore signals" },
	{ draw_cookie, "draw the cookie of the gate" },
	{ install_filter, "install the system call filter" },
	{ start_program, "start" },
};

enum {
	STEPS = sizeof(steps) / sizeof(steps[0]),
	STEP_EXEC = STEPS - 1,
};

/* One page shared with the child: under its filter no write can be relied on. */
struct report {
	int error; /* errno of the step that failed, or 0 */
	int step;
};

__attribute__((noreturn)) static void run_steps(struct child *child,
						volatile struct report *report)
{
	for (int i = 0; i < STEPS; i++) {
		if (steps[i].run(child) == 0)
			continue;
		report->step = i;
		report->error = errno;
		break;
	}
	/* Reached on failure only; the report is what counts, not the code. */
	for (;;)
		syscall(SYS_exit_group, APPLY_FAILED);
}

/* An ENOENT from execve of a file that is there is about its loader. */
static int explain_exec(const struct plan *plan, int error, struct err *err)
{
	if (error == ENOENT && access(plan->path, F_OK) == 0)
		err_set(err, 0,
			"%s: cannot start: its loader (ELF "
			"interpreter or #!) is missing",
			plan->path);
	else
		err_set(err, error, "%s", plan->path);
	return error == ENOENT || error == ENOTDIR ? -APPLY_NOT_FOUND
						   : -APPLY_NOT_EXECUTABLE;
}

static int explain(const struct plan *plan, const struct report *report,
		   struct err *err)
{
	if (report->step == STEP_EXEC)
		return explain_exec(plan, report->error, err);
	err_set(err, report->error, "%s", steps[report->step].what);
	return -APPLY_FAILED;
}

/*
 * Without a filter there is no cookie to keep from this process, and nothing
 * is dropped that its memory could give back: the child may borrow it until
 * it executes, which saves copying it: a plain start takes a third less.
 */
static pid_t start_plain(struct child *child, struct report *report)
{
	/* What the child may do is what spawn_fork's may. NOLINTNEXTLINE */
	pid_t pid = vfork();

	if (pid == 0)
		run_steps(child, report); /* NOLINT: raw calls only */
	return pid;
}

static pid_t start_locked(struct child *child, struct report *report)
{
	pid_t pid = spawn_fork();

	if (pid == 0)
		run_steps(child, report);
	return pid;
}

/*
 * A session can get the terminal only if the one that has it lets go. The
 * SIGHUP and SIGCONT that this raises come from this process, and what does
 * is never passed on.
 */
static void leave_terminal(const struct plan *plan)
{
	if (plan->behaviour.session == BEHAVIOUR_SESSION_OWN)
		terminal_leave();
}

pid_t apply_plan(struct plan *plan, const struct signals *inherited,
		 struct err *err)
{
	struct child child = { .plan = plan, .inherited = inherited };
	struct report local = { 0 };
	struct report *report = &local;

	if (plan->is_hardened)
		report = memory_map(sizeof(*report), true);
	if (!report) {
		err_set(err, errno, "share a page");
		return -APPLY_FAILED;
	}
	if (plan->behaviour.death_signal)
		child.init = getpid();
	leave_terminal(plan);
	pid_t pid = plan->is_hardened ? start_locked(&child, report)
				      : start_plain(&child, report);

	if (pid < 0) {
		err_set(err, errno, "clone");
		return -APPLY_FAILED;
	}
	if (!report->error)
		return pid;
	waitpid(pid, NULL, 0);
	return explain(plan, report, err);
}

void apply_to_self(const struct plan *plan)
{
	/* After changing the child's uid, only CAP_KILL reaches it. */
	const uint64_t kill_only = UINT64_C(1) << CAPS_KILL;
	const struct caps kept = {
		.effective = plan->caps.effective & kill_only,
		.permitted = plan->caps.permitted & kill_only,
	};

	/* Descriptors 3 and up were for the service; it has its copies. */
	syscall(SYS_close_range, 3U, ~0U, 0U);
	/* So that it keeps no mount busy; where it cannot, it does. */
	if (chdir("/") < 0)
		errno = 0;
	if (!plan->is_hardened)
		return;
	process_set(PR_SET_NO_NEW_PRIVS, 1);
	if (plan->caps.permitted)
		caps_set(&kept);
}
