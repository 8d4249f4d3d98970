#ifndef SECCOMP_TALLY_H
#define SECCOMP_TALLY_H

/*
 * tally: the calls that a traced program made: which, how often, and where
 * each was made first; and from that a policy and its text.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "seccomp/policy.h"

enum { TALLY_OTHERS_MAX = 64 };

/* A call as it comes to the kernel, before anything is done about it. */
struct tally_event {
	uint32_t audit; /* AUDIT_ARCH_* */
	uint32_t nr;
	uint64_t args[6];
};

struct tally_call {
	uint32_t audit;
	uint32_t nr;
	uint64_t count;
	uint64_t refused; /* of these, by a guard that every filter has */
	uint64_t unfit;	  /* of these, by the conditions of before */
	char *first;	  /* who made it first; printable, or NULL */
};

struct tally {
	const struct arch *arch;
	uint64_t total;
	uint64_t tasks;				/* threads and processes */
	uint64_t programs;			/* started by execve */
	struct tally_call calls[POLICY_NR_MAX]; /* by number */
	struct policy guards;
	/* The caller's, a policy that is held against what is called; or NULL */
	const struct policy *before;
	/* Foreign calls and numbers without a name; the rest is not kept. */
	struct tally_call others[TALLY_OTHERS_MAX];
	size_t other_count;
};

/* The caller owes tally_free(), unless it fails. */
int tally_init(struct tally *tally, const struct arch *arch, struct err *err);
void tally_free(struct tally *tally);

/* Count a call. Returns its row, or NULL where there is no room for one. */
struct tally_call *tally_add(struct tally *tally,
			     const struct tally_event *event);

/* Say who made the call first. Bytes that no comment may hold become '?'. */
void tally_set_first(struct tally_call *call, struct slice text);

/* How often a call of that name was made. */
uint64_t tally_count(const struct tally *tally, const char *name);

/*
 * Let *policy, which is of the same architecture, allow what was called. What
 * it allows with conditions keeps them.
 */
int tally_allow(struct policy *policy, const struct tally *tally,
		struct err *err);

/*
 * Append the table as a comment, lines that begin with '#': calls, counts and
 * first callers, with what is to be known about some. What before does not
 * allow is marked as new.
 */
void tally_print(struct buf *out, const struct tally *tally);

#endif
