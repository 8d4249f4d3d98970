#ifndef TOOL_LOCKED_H
#define TOOL_LOCKED_H

/*
 * locked: NAME.policy and NAME.lock beside NAME.pith, what its derived policy
 * was and what it was derived from; and what is another one now. pith update
 * writes them, pith build --locked holds a build against them.
 */
#include <stdbool.h>
#include <stddef.h>

#include "data/lock.h"
#include "seccomp/policy.h"

struct arch;
struct automatic;
struct err;

struct locked {
	char *policy_name, *lock_name;
	char *text; /* NULL: nothing is there, and nothing below is filled */
	struct lock lock;
	const struct lock_part *part; /* the platform's, or NULL */
	struct policy policy;	      /* the platform's */
};

/*
 * Read what is beside the recipe about that machine; nothing is no error, and
 * a NAME.policy without the other is somebody's own. locked_close() is owed,
 * also after a failure.
 */
int locked_open(struct locked *out, const char *recipe, const struct arch *arch,
		struct err *err);
void locked_close(struct locked *locked);

/* The next four are about a platform that the lock has. */

/* Whether a file is another one than it was, or new. */
bool locked_is_changed(const struct locked *locked,
		       const struct automatic *automatic);

/* How many of the calls the locked policy lacks. */
size_t locked_count_new(const struct locked *locked,
			const struct automatic *automatic);

/* Append "+CALL" and "-CALL" lines, and a line for each file that changed. */
void locked_print_diff(struct buf *out, const struct locked *locked,
		       const struct automatic *automatic, const char *status);

/* Append why each of the new calls is one: file, function, and the way there. */
int locked_print_why(struct buf *out, const struct locked *locked,
		     const struct automatic *automatic, struct err *err);

/* What there is now, of a platform. */
struct locked_now {
	const struct automatic *automatic;
	const char *status;
};

/* Whether locked_write could: before what there is to write is derived. */
int locked_check(const char *recipe, struct err *err);

/* Write both files beside the recipe, of all its platforms. */
int locked_write(const char *recipe, const struct locked_now *nows,
		 size_t count, struct err *err);

#endif
