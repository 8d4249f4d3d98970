#ifndef INIT_SUPERVISE_H
#define INIT_SUPERVISE_H

/*
 * supervise: the life of PID 1 while its program runs. It sleeps in one
 * system call and wakes for signals and, once stopping, for the deadline.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct supervise {
	pid_t child;
	bool is_pid1;		  /* of a PID namespace that is ours */
	uint64_t timeout_stop_ms; /* UINT64_MAX: never kill */
};

/*
 * Forward signals, reap whatever dies, kill what is left when the time to
 * stop is up. Returns the program's exit code, or 128 and the signal that
 * ended it.
 */
int supervise_child(const struct supervise *what);

#endif
