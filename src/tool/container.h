#ifndef TOOL_CONTAINER_H
#define TOOL_CONTAINER_H

/*
 * container: the first process of a container, as its parent sees it, and the
 * signals that it is sent.
 *
 * It is PID 1 of a namespace, where the kernel drops a signal for which it has
 * no handler, also one from outside, SIGKILL and SIGSTOP excepted. And three
 * programs follow each other in it: the runtime's own init, which handles
 * signals in order to pass them on (and has nobody to pass them to, when the
 * one to come is itself); from execve on, which forgets its handlers, the
 * container's program; and from the moment on that this has blocked a signal
 * or installed a handler, one that obeys. A SIGTERM that arrives between the
 * first and the last is lost, nobody notices, and the container runs for ever.
 * So a signal is held here until /proc tells that the third has begun.
 */
#include <stdint.h>
#include <sys/types.h>

struct err;

enum { CONTAINER_ARGS = 128 };

struct container {
	pid_t pid;
	pid_t teller; /* our parent; when it is gone nobody tells any more */
	char args[CONTAINER_ARGS]; /* how they begin, before it is started */
	ssize_t args_len;
	uint64_t held; /* signals, 1 << number - 1, that it is yet to get */
	/* Milliseconds of CLOCK_MONOTONIC; 0: not so. */
	uint64_t held_since, executed_at, alone_since;
};

/*
 * Look at the container that was created, not yet started, by its pid, which
 * the file holds; it has to be this process's child by now.
 */
int container_open(struct container *container, const char *pid_file,
		   pid_t teller, struct err *err);

/*
 * Wait for its end; it has been started. What this process is told (told.h)
 * the container is sent as soon as it can take it, at the latest after ten
 * seconds: one without a handler then ignores it. When the teller
 * is gone it is killed after as long. Returns its exit code, or 128
 * and the signal that ended it. All other children are reaped, too.
 */
int container_wait(struct container *container);

#endif
