#ifndef INIT_DENIALS_H
#define INIT_DENIALS_H

/*
 * denials: calls that the filter refuses, each as a line of the log that says
 * what was called, by whom, and what would allow it.
 */
#include <stdint.h>

struct denials {
	uint64_t window;     /* when the second began that is counted */
	unsigned int told;   /* lines in it */
	unsigned int hidden; /* calls that got none, since the last line */
};

/* Answer the call that waits at the listener, and log it if it may be. */
void denials_take(struct denials *denials, int listener);

/* At the end: say how many were not told. */
void denials_end(struct denials *denials);

#endif
