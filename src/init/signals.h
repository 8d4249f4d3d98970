#ifndef INIT_SIGNALS_H
#define INIT_SIGNALS_H

/*
 * signals: taken from the first instruction, read by the event loop.
 *
 * No handler is ever installed: all 64 signals are blocked and waited for, so
 * none can be lost, and what the child inherits has only to be put back.
 * The mask is the kernel's 64 bits: musl's sigset_t functions leave out 32 to
 * 34, and a PID 1 built with them dies of signal 34.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

enum { SIGNALS_LAST = 64 };

struct signals {
	uint64_t mask;	   /* inherited; the child gets it back */
	bool ignores_chld; /* SIGCHLD was inherited ignored; likewise */
};

/*
 * Block every signal and let SIGCHLD tell of children: with an inherited
 * SIG_IGN the kernel would reap them itself and their exit codes would be
 * lost. Returns 0, or -1 with errno set.
 */
int signals_take(struct signals *inherited);

/* In the child, last before execve: give back what signals_take took. */
int signals_give_back(const struct signals *inherited);

/*
 * Wait for the next signal, or until ms milliseconds have passed (UINT64_MAX:
 * for ever). Returns its number, or -1 with errno EAGAIN or EINTR.
 */
int signals_wait(siginfo_t *info, uint64_t ms);

/* A descriptor that poll(2) finds readable while a signal waits; or -1. */
int signals_descriptor(void);

/*
 * Send the signal on to a process, or to a group when pid is negative, with
 * its value where it has one. Returns 0, or -1 with errno set.
 */
int signals_forward(pid_t pid, const siginfo_t *info);

#endif
