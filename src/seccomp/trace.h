#ifndef SECCOMP_TRACE_H
#define SECCOMP_TRACE_H

/*
 * trace: follow a program and all that it starts by ptrace(2), and tally each
 * system call as it is made, before anything can refuse it.
 *
 * The program must not notice. It is seized, so that stops for job control
 * are real stops; signals are delivered as they came; nothing is interrupted.
 * docs/decisions/trace.md says why ptrace, and with which stops.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct err;
struct tally;

struct trace {
	pid_t pid;	  /* of the first process; a child of ours */
	unsigned execs;	  /* execve calls to come before calls count, 1 or 2 */
	bool passes_keys; /* keys do not reach it: pass on what they send */
	/* Another child, whose failure means that nothing will start; or 0. */
	pid_t starter;
	const sigset_t *signals; /* to pass on; blocked, as is SIGCHLD */
	/* Called four times a second, and with NULL for the last time. */
	void (*progress)(const struct tally *tally);
};

/*
 * Attach to all threads of the first process, which has to wait for us.
 * From then on it dies with us.
 */
int trace_attach(pid_t pid, struct err *err);

/*
 * In the child that is to become the program, attached: let the kernel stop
 * it for us once a call, not twice. Async-signal-safe, no errors: without it
 * all goes more slowly.
 */
void trace_add_stops(void);

/*
 * Follow until the last process has ended. Returns the first one's exit code,
 * 128 and more where a signal ended it, or -1 with *err filled.
 */
int trace_follow(struct tally *tally, const struct trace *trace,
		 struct err *err);

#endif
