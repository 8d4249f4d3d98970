#ifndef SECCOMP_CHANGE_H
#define SECCOMP_CHANGE_H

/*
 * change: the one thing that a trace changes, for the time of a call.
 *
 * A child made with CLONE_UNTRACED is nobody's to trace, and would call what
 * it likes unseen. The flag is taken out at the entry of clone and clone3,
 * and put back where it stood, a register or memory, before the program runs.
 */
#include <stdbool.h>

struct tally_event;
struct task;

/*
 * The task is at the entry of clone (or of clone3, says is_clone3). True where
 * the flag was there: change_undo() is owed, to it and to its child.
 */
bool change_clone(struct task *task, const struct tally_event *event,
		  bool is_clone3);

/* Whether the child has a copy of what was changed. */
bool change_is_copied(const struct task *task);

/* Put it back; the task is stopped. */
void change_undo(struct task *task);

#endif
