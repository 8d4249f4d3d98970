#include "tool/trace_program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "seccomp/trace.h"
#include "tool/trace_show.h"

/* The child says nothing but why it could not start the program, an errno. */
struct child {
	pid_t pid;
	int go;	 /* closed when it is attached */
	int why; /* at its end by a successful execve, or an errno */
};

static _Noreturn void become(char **argv, const sigset_t *mask, int go, int why)
{
	char byte;

	signal(SIGPIPE, SIG_DFL);
	while (read(go, &byte, 1) < 0 && errno == EINTR)
		;
	sigprocmask(SIG_SETMASK, mask, NULL);
	trace_add_stops();
	execvp(argv[0], argv);
	int num = errno;

	if (write(why, &num, sizeof(num)) < 0)
		_exit(126);
	_exit(127);
}

static int start(struct child *child, char **argv, const sigset_t *mask,
		 struct err *err)
{
	int go[2], why[2];

	if (pipe2(go, O_CLOEXEC) < 0)
		return err_set(err, errno, "pipe");
	if (pipe2(why, O_CLOEXEC) < 0) {
		err_set(err, errno, "pipe");
		close(go[0]);
		close(go[1]);
		return -1;
	}
	child->pid = fork();
	if (child->pid == 0) {
		/* Or it would never see the other end closed. */
		close(go[1]);
		become(argv, mask, go[0], why[1]);
	}
	close(go[0]);
	close(why[1]);
	child->go = go[1];
	child->why = why[0];
	return child->pid < 0 ? err_set(err, errno, "fork") : 0;
}

/* It has not been attached: it must not run. */
static void abandon(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int trace_program(struct tally *tally, char **argv, struct err *err)
{
	struct child child = { 0, -1, -1 };
	sigset_t before, signals;

	trace_take_signals(&signals, &before);
	int result = start(&child, argv, &before, err);
	auto_fd int why = child.why;

	if (result == 0)
		result = trace_attach(child.pid, err);
	if (result < 0) {
		abandon(child.pid);
		scope_close(&child.go);
		return -1;
	}
	scope_close(&child.go);
	int code = trace_follow(tally,
				&(struct trace){
					.pid = child.pid,
					.execs = 1,
					.signals = &signals,
					.progress = trace_progress(),
				},
				err);
	int num;

	if (code >= 0 && read(why, &num, sizeof(num)) == sizeof(num))
		return err_set(err, num, "%s", argv[0]);
	return code;
}
