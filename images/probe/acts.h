#ifndef PROBE_ACTS_H
#define PROBE_ACTS_H

/* acts: what a locked-in program must not be able to do, by name. */
#include <stddef.h>

enum { ACT_RAN = 42 }; /* the exit code of "probe ran", started by an act */

struct act {
	const char *name;
	int (*run)(void); /* negative with errno, or it did what it tried */
};

extern const struct act acts[];
extern const size_t act_count;

/* The program that acts start, by its path: the probe itself. */
void acts_of(const char *program);

#endif
