#include "seccomp/trace.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "seccomp/caller.h"
#include "seccomp/change.h"
#include "seccomp/tally.h"
#include "seccomp/tasks.h"

enum {
	TICK_MS = 250,
	KEY_MS = 100, /* a key's signals reach two processes at once */
	CALL_STOP = SIGTRAP | 0x80,
};

struct follow {
	const struct trace *trace;
	struct tally *tally;
	struct tasks tasks;
	struct err *err;
	bool is_started; /* the program runs */
	bool has_filter; /* every call stops for trace_add_stops()' filter */
	bool is_broken;	 /* *err is filled */
	int code;	 /* of the first process, or -1 */
	int nr_clone, nr_clone3, nr_seccomp, nr_prctl;
	uint64_t shown_ms;
};

/* The kernel stops it, or not, for calls; ESRCH: it was killed meanwhile. */
static void resume(const struct follow *follow, const struct task *task,
		   int sig)
{
	bool by_filter = follow->has_filter && !task->wants_exit;

	ptrace(by_filter ? PTRACE_CONT : PTRACE_SYSCALL, task->tid, 0, sig);
}

static void break_off(struct follow *follow, int num, const char *what)
{
	if (follow->is_broken)
		return;
	follow->is_broken = true;
	err_set(follow->err, num, "%s", what);
	kill(follow->trace->pid, SIGKILL);
}

static bool is_own_filter(const struct follow *follow,
			  const struct tally_event *event)
{
	int nr = (int)event->nr;

	return event->audit != follow->tally->arch->audit ||
	       (nr == follow->nr_prctl && event->args[0] == PR_SET_SECCOMP) ||
	       nr == follow->nr_seccomp;
}

static void note_call(struct follow *follow, struct task *task,
		      const struct __ptrace_syscall_info *info)
{
	struct tally_event event = { .audit = info->arch,
				     .nr = (uint32_t)info->entry.nr };
	int nr = (int)event.nr;

	memcpy(event.args, info->entry.args, sizeof(event.args));
	struct tally_call *call = tally_add(follow->tally, &event);

	if (call && !call->first) {
		auto_buf struct buf text = { 0 };

		caller_text(&text, task->tid, info->instruction_pointer);
		tally_set_first(call, buf_slice(&text));
	}
	/*
	 * What a filter of the program's own refuses would no longer stop for
	 * ours: from here on the kernel stops it before any filter.
	 */
	if (is_own_filter(follow, &event))
		follow->has_filter = false;
	else if (nr == follow->nr_clone || nr == follow->nr_clone3)
		task->wants_exit = change_clone(task, &event,
						nr == follow->nr_clone3);
}

/*
 * A stop at a call: by ptrace at its entry and its exit, by the filter behind
 * the entry. A call that stops for both is counted once.
 */
static void take_call(struct follow *follow, struct task *task)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->tid, sizeof(info), &info) <
	    0) {
		if (errno != ESRCH)
			break_off(follow, errno, "PTRACE_GET_SYSCALL_INFO");
		return;
	}
	bool is_filter = info.op == PTRACE_SYSCALL_INFO_SECCOMP;
	bool is_noted = is_filter && task->is_in_call;

	/* The first of all is trace_add_stops(), which then need no others. */
	if (is_filter && !follow->is_started)
		follow->has_filter = true;
	task->is_in_call = info.op == PTRACE_SYSCALL_INFO_ENTRY ||
			   (is_noted && !follow->has_filter);
	if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		task->wants_exit = false;
		change_undo(task);
	} else if (!task->execs && !is_noted) {
		note_call(follow, task, &info);
	}
}

static struct task *find_or_add(struct follow *follow, pid_t tid)
{
	struct task *task = tasks_find(&follow->tasks, tid);

	if (task)
		return task;
	task = tasks_add(&follow->tasks, tid);
	/*
	 * Its parent has not reported it yet and will put this right; until
	 * then only a child of /init would be taken for another's.
	 */
	if (!follow->is_started)
		task->execs = (uint8_t)follow->trace->execs;
	return task;
}

static pid_t event_pid(const struct task *task)
{
	unsigned long value = 0;

	ptrace(PTRACE_GETEVENTMSG, task->tid, 0, &value);
	return (pid_t)value;
}

/* The task has made another, which may have stopped already. */
static void take_child(struct follow *follow, struct task *task, bool is_thread)
{
	struct task parent = *task;
	pid_t tid = event_pid(task);

	if (tid <= 0)
		return;
	/* It may move the parent. */
	struct task *child = find_or_add(follow, tid);

	child->is_thread = is_thread;
	child->execs = parent.execs;
	if (change_is_copied(&parent)) {
		child->has_changed = true;
		child->changed_at = parent.changed_at;
		child->changed_from = parent.changed_from;
	}
	follow->tally->tasks += !parent.execs;
}

/*
 * A thread that executes becomes the first of its process, by its number, and
 * all others are gone without a word.
 */
static struct task *take_exec(struct follow *follow, struct task *task)
{
	pid_t tid = task->tid;
	pid_t former = event_pid(task);
	struct task *thread = tasks_find(&follow->tasks, former);

	if (former != tid && thread) {
		task->execs = thread->execs;
		task->is_in_call = thread->is_in_call;
		tasks_remove(&follow->tasks, former);
		task = tasks_find(&follow->tasks, tid);
	}
	task->has_changed = false;
	if (task->execs) {
		task->execs--;
		if (task->execs)
			return task;
		follow->is_started = true;
		follow->tally->tasks++;
	}
	follow->tally->programs++;
	return task;
}

static bool is_stop_signal(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN ||
	       sig == SIGTTOU;
}

/*
 * The whole process has stopped, for job control, and stays so until it is
 * continued. Where a key has stopped it the same key means us, too, or the
 * shell would wait for us for ever.
 */
static void take_group_stop(const struct follow *follow, pid_t tid, int sig)
{
	const struct timespec time = { 0, KEY_MS * 1000000L };
	sigset_t key;

	ptrace(PTRACE_LISTEN, tid, 0, 0);
	if (tid != follow->trace->pid || sig == SIGSTOP)
		return;
	sigemptyset(&key);
	sigaddset(&key, sig);
	if (sigtimedwait(&key, NULL, &time) == sig)
		raise(SIGSTOP);
}

static void take_stop(struct follow *follow, pid_t tid, int status)
{
	struct task *task = find_or_add(follow, tid);
	int sig = WSTOPSIG(status);
	int deliver = 0;

	/* The copy in a child; what its parent holds waits for its exit. */
	if (!task->wants_exit)
		change_undo(task);
	switch (status >> 16) {
	case PTRACE_EVENT_SECCOMP:
		take_call(follow, task);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		take_child(follow, task, status >> 16 == PTRACE_EVENT_CLONE);
		task = tasks_find(&follow->tasks, tid);
		break;
	case PTRACE_EVENT_EXEC:
		task = take_exec(follow, task);
		break;
	case PTRACE_EVENT_STOP:
		if (is_stop_signal(sig)) {
			take_group_stop(follow, tid, sig);
			return;
		}
		break;
	default:
		if (sig == CALL_STOP)
			take_call(follow, task);
		else
			deliver = sig;
	}
	resume(follow, task, deliver);
}

static void take_status(struct follow *follow, pid_t tid, int status)
{
	if (WIFSTOPPED(status)) {
		take_stop(follow, tid, status);
		return;
	}
	tasks_remove(&follow->tasks, tid);
	if (tid == follow->trace->starter && status)
		break_off(follow, 0, "it could not be started");
	if (tid == follow->trace->pid)
		follow->code = WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
}

/* Whether it is still ours to wait for, not a new process by its number. */
static bool is_ours(pid_t tid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)tid, &info,
		      WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) == 0;
}

/* When the program itself is gone its daemons are meant. */
static void signal_rest(const struct follow *follow, const siginfo_t *info)
{
	bool is_key = info->si_code == SI_KERNEL;

	for (size_t i = 0; i < follow->tasks.size; i++) {
		const struct task *task = &follow->tasks.at[i];

		if (task->tid && !task->is_thread && is_ours(task->tid) &&
		    !(is_key && getpgid(task->tid) == getpgrp()))
			kill(task->tid, info->si_signo);
	}
}

/*
 * What a terminal's key sends (SI_KERNEL) the program gets itself, being in
 * the same group; but a hang-up only the leader of the session does.
 */
static void pass_on(const struct follow *follow, const siginfo_t *info)
{
	if (info->si_signo == SIGCHLD)
		return;
	if (follow->code >= 0)
		signal_rest(follow, info);
	else if (follow->trace->passes_keys || info->si_code != SI_KERNEL ||
		 info->si_signo == SIGHUP)
		kill(follow->trace->pid, info->si_signo);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void show(struct follow *follow)
{
	if (!follow->trace->progress)
		return;
	uint64_t ms = now_ms();

	if (ms - follow->shown_ms < TICK_MS)
		return;
	follow->shown_ms = ms;
	follow->trace->progress(follow->tally);
}

static void follow_all(struct follow *follow)
{
	const struct timespec tick = { 0, TICK_MS * 1000000L };
	sigset_t signals = *follow->trace->signals;
	siginfo_t info;
	pid_t tid;
	int status;

	sigaddset(&signals, SIGCHLD);
	for (;;) {
		while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
			take_status(follow, tid, status);
		if (tid < 0 && errno != EINTR)
			return;
		if (sigtimedwait(&signals, &info, &tick) > 0)
			pass_on(follow, &info);
		show(follow);
	}
}

static int call_nr(const struct arch *arch, const char *name)
{
	return arch_syscall_nr(arch, slice_from(name));
}

int trace_follow(struct tally *tally, const struct trace *trace,
		 struct err *err)
{
	const struct arch *arch = tally->arch;
	struct follow follow = {
		.trace = trace,
		.tally = tally,
		.err = err,
		.code = -1,
		.shown_ms = now_ms(),
		.nr_clone = call_nr(arch, "clone"),
		.nr_clone3 = call_nr(arch, "clone3"),
		.nr_seccomp = call_nr(arch, "seccomp"),
		.nr_prctl = call_nr(arch, "prctl"),
	};

	follow_all(&follow);
	if (trace->progress)
		trace->progress(NULL);
	tasks_free(&follow.tasks);
	if (!follow.is_broken && follow.code < 0)
		return err_set(err, 0, "process %d: lost", (int)trace->pid);
	return follow.is_broken ? -1 : follow.code;
}
