#ifndef DATA_STATUS_H
#define DATA_STATUS_H

/* status: what proc(5) says of a process and its signals. */
#include <stdbool.h>

#include "base/slice.h"

/*
 * Whether a signal (1 to 64) that is sent to the process of this
 * /proc/PID/status waits for it or reaches a handler of its own: it is in
 * SigBlk or SigCgt. False where the text has neither line, or no number of 64
 * bits in it. In sigwaitinfo(2) the process shows less than it blocks:
 * the kernel takes out of SigBlk what is waited for.
 */
bool status_takes_signal(struct slice text, int sig);

/* Whether the process of this /proc/PID/syscall sleeps in sigwaitinfo(2). */
bool status_awaits_signals(struct slice text);

#endif
