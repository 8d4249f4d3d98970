#ifndef INIT_SUPERVISE_H
#define INIT_SUPERVISE_H

/*
 * supervise: the life of PID 1 while its program runs. It sleeps in one
 * system call and wakes for signals and, once stopping, for the deadline.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct behaviour;
struct service;

struct supervise {
	pid_t child;
	bool is_pid1;		       /* of a PID namespace that is ours */
	const struct service *service; /* how to stop, and when to kill */
	const struct behaviour *behaviour;
};

/*
 * Forward signals and reap whatever dies until the program has ended and,
 * unless KillMode=process, all that it left behind has too; kill those who do
 * not stop in time. Returns the program's exit code, or 128 and the signal
 * that ended it, or 0 where SuccessExitStatus= has that.
 */
int supervise_child(const struct supervise *what);

#endif
