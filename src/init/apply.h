#ifndef INIT_APPLY_H
#define INIT_APPLY_H

/*
 * apply: start a program as the plan says: a child of its own, which takes the
 * steps (steps.h), and what to make of its failure.
 */
#include <sys/types.h>

struct err;
struct plan;
struct plan_command;
struct signals;

enum apply_exit {
	APPLY_FAILED = 125,	    /* pith-init's own failure */
	APPLY_NOT_EXECUTABLE = 126, /* found, and the kernel refused it */
	APPLY_NOT_FOUND = 127,
};

/*
 * Start a program. Returns its pid. On failure the program was never
 * started, *err says why, and the return value is minus an apply_exit.
 */
pid_t apply_plan(struct plan *plan, const struct plan_command *command,
		 const struct signals *inherited, struct err *err);

/* pith-init's own privileges, once the program runs; nothing may fail. */
void apply_to_self(const struct plan *plan);

#endif
