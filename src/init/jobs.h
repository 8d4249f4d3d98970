#ifndef INIT_JOBS_H
#define INIT_JOBS_H

/*
 * jobs: job control, for who stands between a shell and the program.
 *
 * The program's group has the terminal's foreground, so its keys reach the
 * program alone, while the shell waits for pith-init: what the program does,
 * stop, go on and end, has to be passed on to the shell. All of these do
 * nothing where standard input is not the controlling terminal.
 */
#include <stdbool.h>
#include <sys/types.h>

/*
 * The child was stopped by sig. Stop as it did, with the rest of this group,
 * so that the shell sees its job stop. Where the kernel refuses, since nobody
 * could let the group go on (it is orphaned, this is PID 1 of a container),
 * the child does not stop for a key either.
 */
void jobs_stop(pid_t child, int sig);

/*
 * Go on: the foreground, if it is this group's again, goes to the child, and
 * all of the child's group goes on. Returns false without a terminal.
 */
bool jobs_continue(pid_t child);

/* The child has ended: the foreground, if it was the child's, comes back. */
void jobs_end(pid_t child);

#endif
