#ifndef INIT_SUPERVISE_H
#define INIT_SUPERVISE_H

/*
 * supervise: the life of PID 1 while a program runs. It sleeps in one system
 * call and wakes for signals and for what has its hour.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "init/denials.h"

struct behaviour;
struct service;

/* How a process ended, in systemd's terms: bits, so that sets can be asked. */
enum supervise_end {
	SUPERVISE_CLEAN = 1,
	SUPERVISE_CODE = 2,
	SUPERVISE_SIGNAL = 4,
	SUPERVISE_TIMEOUT = 8,
	SUPERVISE_WATCHDOG = 16,
};

struct supervise {
	bool is_pid1; /* of a PID namespace that is ours */
	bool is_told; /* out: the engine wants the end */
	int notify;   /* a socket for notices, or -1 */
	int listener; /* of the child's filter, or -1 */
	int signals;  /* signals_descriptor(), or -1 for now */
	struct denials denials;
	const struct service *service; /* how to stop, and when to kill */
	const struct behaviour *behaviour;
};

/* What to wait for. */
struct supervise_start {
	pid_t child;
	uint64_t timeout_ms; /* for READY=1, or UINT64_MAX */
	uint64_t watchdog_ms;
};

struct supervise_result {
	int code;	  /* the exit code, or 128 and the signal */
	unsigned int how; /* one enum supervise_end */
};

/*
 * Forward signals and reap whatever dies until the child has ended and,
 * unless KillMode=process, all that it left behind has too; kill those who do
 * not stop in time. The code is 0 where SuccessExitStatus= has it.
 */
struct supervise_result supervise_child(struct supervise *what,
					const struct supervise_start *start);

/* Reap for ms milliseconds, while nothing runs; less once told to end. */
void supervise_rest(struct supervise *what, uint64_t ms);

#endif
