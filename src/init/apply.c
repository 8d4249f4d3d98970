#include "init/apply.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/errtext.h"
#include "init/log.h"
#include "init/plan.h"
#include "init/steps.h"
#include "kernel/call.h"
#include "kernel/memory.h"
#include "kernel/process.h"
#include "kernel/spawn.h"
#include "kernel/terminal.h"

/* An ENOENT from execve of a file that is there is about its loader. */
static int explain_exec(const char *path, int error, struct err *err)
{
	if (error == ENOENT && access(path, F_OK) == 0)
		err_set(err, 0,
			"%s: cannot start: its loader (ELF "
			"interpreter or #!) is missing",
			path);
	else
		err_set(err, error, "%s", path);
	return error == ENOENT || error == ENOTDIR ? -APPLY_NOT_FOUND
						   : -APPLY_NOT_EXECUTABLE;
}

static int explain(const struct steps_child *child,
		   const struct steps_report *report, struct err *err)
{
	if (!steps_name(report->step))
		return explain_exec(child->command->path, report->error, err);
	err_set(err, report->error, "%s", steps_name(report->step));
	return -APPLY_FAILED;
}

/*
 * Without a filter there is no cookie to keep from this process, and nothing
 * is dropped that its memory could give back: the child may borrow it until
 * it executes, which saves copying it: a plain start takes a third less.
 */
static pid_t start_plain(struct steps_child *child)
{
	/* What the child may do is what spawn_fork's may. NOLINTNEXTLINE */
	pid_t pid = vfork();

	if (pid == 0)
		steps_run(child); /* NOLINT: raw calls only */
	return pid;
}

static pid_t start_locked(struct steps_child *child)
{
	pid_t pid = spawn_fork();

	if (pid == 0)
		steps_run(child);
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

/* What the kernel refused and BestEffort= names. */
static void tell_missed(const struct steps_report *report)
{
	uint32_t missed = report->missed;

	for (int i = 0; missed; i++, missed >>= 1)
		if (missed & 1)
			log_line(LOG_WARNING,
				 "%s: %s; BestEffort= goes on without",
				 steps_name(i), errtext(report->errors[i]));
}

pid_t apply_plan(struct plan *plan, const struct plan_command *command,
		 const struct signals *inherited, struct err *err)
{
	struct steps_child child = {
		.plan = plan,
		.command = command,
		.when = steps_when(plan),
		.inherited = inherited,
	};
	struct steps_report local;
	struct steps_report *report = &local;

	if (plan->is_hardened && !plan->shared)
		plan->shared = memory_map(sizeof(*report), true);
	if (plan->is_hardened)
		report = plan->shared;
	if (!report) {
		err_set(err, errno, "share a page");
		return -APPLY_FAILED;
	}
	/* It may hold what an earlier start failed with. */
	report->error = 0;
	report->missed = 0;
	report->listener = -1;
	child.report = report;
	if (plan->behaviour.death_signal)
		child.init = getpid();
	leave_terminal(plan);
	pid_t pid = plan->is_hardened ? start_locked(&child)
				      : start_plain(&child);

	if (pid < 0) {
		/* No kernel says EINVAL to these flags; its emulators do. */
		err_set(err, errno, "clone%s",
			errno == EINVAL ? " (qemu-user locks nothing in)" : "");
		return -APPLY_FAILED;
	}
	if (plan->listener >= 0)
		close(plan->listener);
	plan->listener = report->listener;
	if (!report->error) {
		tell_missed(report);
		return pid;
	}
	waitpid(pid, NULL, 0);
	return explain(&child, report, err);
}

static void close_from(int first, int last)
{
	if (first <= last)
		kernel_call(SYS_close_range, first, last, 0U);
}

/*
 * Descriptors 3 and up were for the service, which has its copies; not the
 * socket for notices and the listener, of which either may be missing.
 */
static void close_passed(int a, int b)
{
	int low = a < b ? a : b;
	int high = a < b ? b : a;
	int first = STDERR_FILENO + 1;

	if (low >= first) {
		close_from(first, low - 1);
		first = low + 1;
	}
	if (high >= first) {
		close_from(first, high - 1);
		first = high + 1;
	}
	close_from(first, INT_MAX);
}

void apply_to_self(const struct plan *plan)
{
	/* After changing the child's uid, only CAP_KILL reaches it. */
	const uint64_t kill_only = UINT64_C(1) << CAPS_KILL;
	const struct caps kept = {
		.effective = plan->caps.effective & kill_only,
		.permitted = plan->caps.permitted & kill_only,
	};

	close_passed(plan->notify, plan->listener);
	/* So that it keeps no mount busy; where it cannot, it does. */
	if (chdir("/") < 0)
		errno = 0;
	if (!plan->is_hardened)
		return;
	process_set(PR_SET_NO_NEW_PRIVS, 1);
	if (plan->caps.permitted)
		caps_set(&kept);
}
