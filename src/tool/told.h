#ifndef TOOL_TOLD_H
#define TOOL_TOLD_H

/*
 * told: the signals that this program is told and passes on. They are blocked
 * and waited for, so that none is lost and none interrupts half-done work.
 */
#include <signal.h>

enum { TOLD_FOR_EVER = -1 };

/*
 * Keep the signals that would end this program, and SIGCHLD, until they are
 * waited for; a child of fork(2) keeps them, too. The mask as it was goes to
 * *before: what is executed gets that back.
 */
void told_take(sigset_t *before);

/* A signal to end that has been kept so far and not been waited for, or 0. */
int told_to_end(void);

/*
 * Wait ms milliseconds, or TOLD_FOR_EVER, for the next one that is told.
 * Returns its number; SIGCHLD too, which is for nobody else. 0: none came.
 */
int told_wait(int ms);

#endif
