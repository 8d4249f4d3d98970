#ifndef SECCOMP_POLICY_TEXT_H
#define SECCOMP_POLICY_TEXT_H

/*
 * policy_text: reading policies, statement by statement. Reading is pure:
 * what a text includes is asked for through a callback.
 *
 * The lines of one text may stand in any order. What groups and included
 * texts allow comes first; ~ takes away from that; a group with an action
 * comes next; and a line that names a call replaces all that about this call.
 */
#include "seccomp/policy.h"

enum { POLICY_DEPTH_MAX = 16, POLICY_INCLUDES_MAX = 64 };

/* A text that was loaded, and what tells it from others. */
struct policy_file {
	char *name; /* for messages, and to find what it includes; owned */
	char *text; /* len bytes; owned */
	size_t len;
	uint64_t id[2]; /* the same for the same file, by whatever name */
};

struct policy_include {
	/*
	 * Load the file that the text called from means by name; from is NULL
	 * for the first. On success *out is the caller's to free.
	 */
	int (*load)(struct policy_file *out, void *context, const char *from,
		    struct slice name, struct err *err);
	void *context;
	const char *name; /* of the first text, or NULL */
	uint64_t id[2];	  /* of the first text, or zeros */
};

struct policy_reader;

/*
 * Start to add to a policy, which changes when all is read. The caller owes
 * policy_reader_end or policy_reader_drop.
 */
struct policy_reader *policy_reader_start(struct policy *policy,
					  const struct policy_include *include);

/* Read one line; number is for messages about what contradicts it. */
int policy_reader_line(struct policy_reader *reader, struct slice line,
		       unsigned int number, struct err *err);

/* Put what was read into the policy, or, on failure, nothing. */
int policy_reader_end(struct policy_reader *reader, struct err *err);

void policy_reader_drop(struct policy_reader *reader);

#endif
