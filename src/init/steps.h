#ifndef INIT_STEPS_H
#define INIT_STEPS_H

/*
 * steps: what the child does on its way to being the program, each protection
 * as one step of one table, in the only order that works.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/spawn.h"

struct plan;
struct plan_command;
struct signals;

enum { STEPS_MAX = 32 };

/* What the steps share. Lives in the child's own copy of memory. */
struct steps_child {
	struct plan *plan;
	const struct plan_command *command;
	unsigned int when; /* which steps to take */
	pid_t init;	   /* the parent; known where somebody has to ask */
	const struct signals *inherited;
	volatile struct steps_report *report;
	uint32_t cookie[SPAWN_COOKIE_WORDS];
};

/* One page shared with the child: under its filter no write can be relied on. */
struct steps_report {
	int error; /* errno of the step that failed, or 0 */
	int step;
	int listener;	 /* the filter's, or -1 */
	uint32_t missed; /* bit i: step i failed, and BestEffort= names it */
	uint8_t errors[STEPS_MAX]; /* errno of these */
};

/* Which steps this plan takes, as steps_child has it. */
unsigned int steps_when(const struct plan *plan);

/*
 * In the child: take them all. The last becomes the program; where one fails
 * the child ends and its report says which.
 */
__attribute__((noreturn)) void steps_run(struct steps_child *child);

/* What the i-th step does, or NULL for the last, which starts the program. */
const char *steps_name(int i);

/* The same, but "" where this plan does without it, and "start" for the last. */
const char *steps_what(const struct plan *plan, size_t i);

#endif
