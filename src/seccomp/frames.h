#ifndef SECCOMP_FRAMES_H
#define SECCOMP_FRAMES_H

/*
 * frames: what following a value back asks about functions: whether they
 * return, and whether anybody else may know their stack. Answers are kept.
 */
#include "seccomp/place.h"
#include "seccomp/reach.h"
#include "seccomp/twice.h"

enum { FRAMES_GLOBALS = 32 };

/* An answer of globals_value(), which costs a look at all code. */
struct frames_global {
	uint64_t address;
	unsigned width;
	bool is_changed;
};

struct frames {
	const struct reach *reach;
	struct twice twice;
	uint8_t **known; /* for each module, a byte for each region */
	uint64_t steps;	 /* instructions looked at so far */
	size_t global_count;
	struct frames_global globals[FRAMES_GLOBALS];
};

void frames_open(struct frames *out, const struct reach *reach);
void frames_close(struct frames *frames);

/*
 * Account for work. False when a file has cost more than any real one does:
 * then whatever is asked must get the answer that promises least.
 */
bool frames_spend(struct frames *frames, uint64_t steps);

/* What is known of the code around an address. */
struct place_frame frames_at(struct frames *frames, uint64_t address);

/* Whether the function around an address may get a second return. */
bool frames_is_twice(struct frames *frames, uint64_t address);

/* False only where no path through the function at address returns. */
bool frames_returns(struct frames *frames, uint64_t address);

#endif
