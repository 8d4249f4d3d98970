#include "tool/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/slice.h"

enum { NAME_SIZE = 32, PATH_SIZE = 4096 };

static bool is_in_path(const char *name)
{
	const char *path = getenv("PATH");
	struct slice rest = slice_from(path ? path : "/usr/sbin:/usr/bin");
	struct slice dir;
	char file[PATH_SIZE];

	if (strchr(name, '/'))
		return access(name, X_OK) == 0;
	while (slice_cut(&dir, &rest, ':')) {
		snprintf(file, sizeof(file), "%.*s/%s", SLICE_ARGS(dir), name);
		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

const char *runtime_find(const char *chosen, struct err *err)
{
	static const char *const known[] = { "runc", "crun", "/usr/sbin/runc",
					     "/usr/bin/crun" };

	if (chosen) {
		if (is_in_path(chosen))
			return chosen;
		err_set(err, 0, "%s: no such runtime in PATH", chosen);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (is_in_path(known[i]))
			return known[i];
	err_set(err, 0, "no OCI runtime in PATH: install runc or crun");
	return NULL;
}

/* Fork and exec; the child gets the signals and the mask as they were. */
static pid_t start(const char *const argv[], const sigset_t *mask,
		   bool is_quiet)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	/* Whoever kills pith must not leave the container behind. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (is_quiet) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (null < 0 || dup2(null, STDOUT_FILENO) < 0 ||
		    dup2(null, STDERR_FILENO) < 0)
			_exit(1);
	}
	/* It takes strings that it does not write to. */
	execvp(argv[0], (char **)(uintptr_t)argv);
	_exit(127);
}

static void taken_set(sigset_t *taken)
{
	static const int signals[] = { SIGCHLD, SIGINT,	 SIGTERM, SIGHUP,
				       SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };

	sigemptyset(taken);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(taken, signals[i]);
}

void runtime_take_signals(sigset_t *before)
{
	sigset_t taken;

	taken_set(&taken);
	sigprocmask(SIG_BLOCK, &taken, before);
}

int runtime_pending(void)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (sigismember(&pending, ends[i]))
			return ends[i];
	return 0;
}

/*
 * Whether the runtime has to be told. What a terminal's keys send (SI_KERNEL)
 * goes to the whole foreground group, the runtime included; a hang-up goes to
 * the leader of the session alone.
 */
static bool is_for_runtime(const siginfo_t *info)
{
	if (info->si_signo == SIGHUP)
		return true;
	return info->si_signo != SIGCHLD && info->si_code != SI_KERNEL;
}

static int wait_for(pid_t pid)
{
	sigset_t taken;
	siginfo_t info;
	int status;

	taken_set(&taken);
	for (;;) {
		if (sigwaitinfo(&taken, &info) < 0)
			continue;
		if (is_for_runtime(&info))
			kill(pid, info.si_signo);
		if (waitpid(pid, &status, WNOHANG) != pid)
			continue;
		return WIFEXITED(status) ? WEXITSTATUS(status)
					 : 128 + WTERMSIG(status);
	}
}

int runtime_run(const struct runtime *runtime, struct err *err)
{
	char id[NAME_SIZE];

	snprintf(id, sizeof(id), "pith-%d", (int)getpid());
	const char *const run[] = { runtime->program,
				    "--root",
				    runtime->state,
				    "run",
				    "--bundle",
				    runtime->bundle,
				    id,
				    NULL };
	const char *const delete[] = { runtime->program,
				       "--root",
				       runtime->state,
				       "delete",
				       "--force",
				       id,
				       NULL };

	pid_t pid = start(run, runtime->mask, false);
	int failure = errno;
	int code = pid < 0 ? -1 : wait_for(pid);

	/* Only what a runtime that was killed left behind is still there. */
	if (pid >= 0 && (pid = start(delete, runtime->mask, true)) > 0)
		waitpid(pid, NULL, 0);
	if (code < 0)
		return err_set(err, failure, "%s", runtime->program);
	return code;
}
