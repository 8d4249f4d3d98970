#ifndef TOOL_GUARD_H
#define TOOL_GUARD_H

/*
 * guard: work in a second process, so that killing either of the two leaves
 * nothing behind: who outlives the other cleans up.
 *
 * The second is leader of a session of its own, where neither a terminal nor
 * kill(2) of the first one's group reaches it; what the first is told is
 * passed on to it, and the first one's death (even by SIGKILL) is told to it
 * as SIGTERM. Both adopt what their children leave behind
 * (PR_SET_CHILD_SUBREAPER), the first one all of a second that was killed.
 */
#include <stdbool.h>
struct err;

struct guard {
	/* 0 or more, an exit code; or -1 with *err filled. */
	int (*work)(void *arg, struct err *err);
	/* After the work, in every case; again if that was killed. */
	void (*clean)(void *arg);
	void *arg;
};

/*
 * Do the work and clean up after it. Call told_take() before. Returns what
 * work returned, or -1 with *err filled also where that was killed.
 */
int guard_run(const struct guard *guard, struct err *err);

/* To clean up: reap who has ended. Returns whether a child is left. */
bool guard_has_children(void);

#endif
