#ifndef INIT_DENIALS_H
#define INIT_DENIALS_H

/*
 * denials: calls that the filter refuses, each as a line of the log that says
 * what was called, by whom, and what would allow it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct filter;
struct who;

enum {
	DENIALS_KNOWN = 512, /* no call of a program's is above */
};

/* Tests have less time. */
#ifndef DENIALS_REMIND_MS
#define DENIALS_REMIND_MS (10 * 60 * 1000)
#endif

struct denials {
	const struct filter *filter; /* the one that asks, as it was written */
	bool is_audit;		     /* what it refuses is made all the same */
	uint64_t window;	     /* when the time began that is counted */
	unsigned int told;	     /* lines in it */
	unsigned int hidden;	     /* calls that got none, since the last */
	uint8_t known[DENIALS_KNOWN / 8]; /* bit n: call n has had a line */
};

/* A program starts: each call's first line is due again. */
void denials_begin(struct denials *denials);

/* Answer the call that waits at the listener, and log it if it may be. */
void denials_take(struct denials *denials, int listener);

/* A child has died of SIGSYS: what it was, and what can be known of why. */
void denials_killed(const struct denials *denials, pid_t pid,
		    const struct who *who);

/* In an audit, from time to time: that it is one. */
void denials_remind(const struct denials *denials);

/* At the end: say how many were not told. */
void denials_end(struct denials *denials);

#endif
