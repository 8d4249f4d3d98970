#include "tool/container.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/scope.h"
#include "data/status.h"
#include "tool/told.h"

enum {
	PATH_SIZE = 64,
	STATUS_SIZE = 8192,
	HOLD_MS = 10000,    /* longer than any start takes */
	BLIND_MS = 100,	    /* where /proc does not tell */
	ALONE_MS = HOLD_MS, /* as engines do when they stop one */
	STEP_MAX_MS = 100,
	SIGNALS_LAST = 64,
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/*
 * The first bytes of its file of that name in proc(5): their number, or -1.
 * The pid is nobody else's as long as the process is our child and not reaped.
 */
static ssize_t read_proc(const struct container *container, const char *name,
			 char *buf, size_t cap)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)container->pid, name);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : io_read(fd, buf, cap);
}

/*
 * Whether execve is over. The arguments are empty while it works, and are set
 * last, when the handlers are forgotten. Everybody may read them, not so exe.
 */
static bool is_executed(struct container *container)
{
	char args[CONTAINER_ARGS];

	if (container->executed_at)
		return true;
	ssize_t len = read_proc(container, "cmdline", args, sizeof(args));

	if (len <= 0 || (len == container->args_len &&
			 memcmp(args, container->args, (size_t)len) == 0))
		return false;
	container->executed_at = now_ms();
	return true;
}

int container_open(struct container *container, const char *pid_file,
		   pid_t teller, struct err *err)
{
	auto_free char *text = NULL;
	siginfo_t info;
	uint32_t pid;
	size_t len;

	if (io_load(&text, &len, pid_file, PATH_SIZE, err) < 0)
		return -1;
	if (!num_u32(&pid, slice_trim((struct slice){ text, len })))
		return err_set(err, 0, "%s: not a process's number", pid_file);
	*container = (struct container){
		.pid = (pid_t)pid,
		.teller = teller,
	};
	if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return err_set(err, errno, "process %d", container->pid);
	container->args_len = read_proc(container, "cmdline", container->args,
					sizeof(container->args));
	return 0;
}

/*
 * Whether it can take the signal by now; *is_known: whether proc(5) lets us
 * see that, which for the second look takes CAP_SYS_PTRACE.
 */
static bool takes(bool *is_known, const struct container *container, int sig)
{
	char text[STATUS_SIZE];
	ssize_t len = read_proc(container, "status", text, sizeof(text));

	*is_known = true;
	if (len > 0 &&
	    status_takes_signal((struct slice){ text, (size_t)len }, sig))
		return true;
	len = read_proc(container, "syscall", text, sizeof(text));
	*is_known = len > 0;
	return len > 0 &&
	       status_awaits_signals((struct slice){ text, (size_t)len });
}

/* Whether it can take the signal by now, or is given up to do so. */
static bool is_due(struct container *container, int sig)
{
	bool is_known = false;

	if (now_ms() - container->held_since >= HOLD_MS)
		return true;
	if (!is_executed(container))
		return false;
	return takes(&is_known, container, sig) ||
	       (!is_known && now_ms() - container->executed_at >= BLIND_MS);
}

static void pass_on(struct container *container)
{
	for (int sig = 1; sig <= SIGNALS_LAST; sig++) {
		uint64_t bit = 1ULL << (sig - 1);

		if (container->held & bit && is_due(container, sig)) {
			kill(container->pid, sig);
			container->held &= ~bit;
		}
	}
}

static void hold(struct container *container, int sig)
{
	if (!container->held)
		container->held_since = now_ms();
	container->held |= 1ULL << (sig - 1);
}

/* Nobody is left to tell it twice, and it may not have listened once. */
static void end_if_alone(struct container *container)
{
	if (getppid() == container->teller)
		return;
	if (!container->alone_since)
		container->alone_since = now_ms();
	if (now_ms() - container->alone_since >= ALONE_MS)
		kill(container->pid, SIGKILL);
}

/* A start takes milliseconds; one that takes longer can bear a later look. */
static int next_step(const struct container *container)
{
	uint64_t step = STEP_MAX_MS;

	if (container->held)
		step = 1 + (now_ms() - container->held_since) / 8;
	else if (!container->alone_since)
		return TOLD_FOR_EVER;
	return step < STEP_MAX_MS ? (int)step : STEP_MAX_MS;
}

int container_wait(struct container *container)
{
	pid_t pid;
	int status;

	for (;;) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == container->pid)
				return WIFEXITED(status)
					       ? WEXITSTATUS(status)
					       : 128 + WTERMSIG(status);
		pass_on(container);
		end_if_alone(container);
		int sig = told_wait(next_step(container));

		if (sig > 0 && sig != SIGCHLD)
			hold(container, sig);
	}
}
