#include "tool/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/slice.h"
#include "image/extract.h"
#include "tool/container.h"
#include "tool/guard.h"
#include "tool/told.h"

enum {
	PATH_SIZE = 4096,
	ARGS_MAX = 12,
	DELETE_TRIES = 500,
	DELETE_STEP_MS = 20,
};

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

/*
 * Fork and exec; the child gets the signals and the mask as they were. It does
 * not die with this process: half a creation leaves behind what no later
 * command knows of, so who outlives this waits for it (guard.h).
 */
static pid_t start(const char *const argv[], const sigset_t *mask,
		   bool is_quiet)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
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

/*
 * Begin one command of the runtime's, with these options, the last of them
 * NULL. Returns its pid, or -1 with errno set.
 */
static pid_t begin(const struct runtime *runtime, const char *name,
		   const char *const options[])
{
	const char *argv[ARGS_MAX] = { runtime->program, "--root",
				       runtime->state, name };
	bool is_quiet = strcmp(name, "delete") == 0;
	size_t count = 4;

	while (*options)
		argv[count++] = *options++;
	argv[count++] = runtime->id;
	argv[count] = NULL;
	return start(argv, runtime->mask, is_quiet);
}

/*
 * Run a command to its end. What is told meanwhile is kept. The runtime says
 * itself why it failed; this adds which command that was.
 */
static int command(const struct runtime *runtime, const char *name,
		   const char *const options[], struct err *err)
{
	pid_t pid = begin(runtime, name, options);
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return err_set(err, errno, "%s", runtime->program);
	if (WIFSIGNALED(status))
		return err_set(err, 0, "%s %s: signal %d", runtime->program,
			       name, WTERMSIG(status));
	if (WEXITSTATUS(status))
		return err_set(err, 0, "%s %s: exit status %d",
			       runtime->program, name, WEXITSTATUS(status));
	return 0;
}

int runtime_create(struct container *container, const struct runtime *runtime,
		   struct err *err)
{
	char pid_file[PATH_SIZE];

	snprintf(pid_file, sizeof(pid_file), "%s/pid", runtime->bundle);
	const char *const create[] = { "--bundle", runtime->bundle,
				       "--pid-file", pid_file, NULL };

	if (command(runtime, "create", create, err) < 0)
		return -1;
	return container_open(container, pid_file, runtime->teller, err);
}

pid_t runtime_start(const struct runtime *runtime, struct err *err)
{
	pid_t pid = begin(runtime, "start", (const char *const[]){ NULL });

	return pid < 0 ? err_set(err, errno, "%s", runtime->program) : pid;
}

int runtime_run(const struct runtime *runtime, struct err *err)
{
	const char *const none[] = { NULL };
	struct container container;
	int sig;

	/*
	 * Not "run": the runtime would pass signals on, when the container
	 * cannot take them yet (container.h).
	 */
	if (runtime_create(&container, runtime, err) < 0)
		return -1;
	/* Told to stop by now, it never starts. */
	if ((sig = told_to_end()) > 0)
		return 128 + sig;
	if (command(runtime, "start", none, err) < 0)
		return -1;
	return container_wait(&container);
}

/* Kill the container, if it is still there, and remove the runtime's files. */
static void delete (const struct runtime *runtime)
{
	const char *const force[] = { "--force", NULL };
	struct err ignored;

	/* It was never created, or is gone already: that is the aim. */
	command(runtime, "delete", force, &ignored);
}

/*
 * Most often there is nothing left to delete but the runtime's own files. Only
 * who cleans up after the other was killed may find the runtime at work yet.
 */
void runtime_clean(const struct runtime *runtime)
{
	struct err err;

	for (int i = 0; i < DELETE_TRIES; i++) {
		/* The runtime makes it when it creates a container. */
		if (access(runtime->state, F_OK) == 0)
			delete (runtime);
		if (!guard_has_children())
			break;
		poll(NULL, 0, DELETE_STEP_MS);
	}
	if (extract_remove(AT_FDCWD, runtime->bundle, &err) < 0)
		fprintf(stderr, "pith: left behind: %s\n", err.text);
}
