#ifndef SECCOMP_POLICY_SAY_H
#define SECCOMP_POLICY_SAY_H

/* policy_say: what single statements do to the reader of a policy. */
#include "seccomp/policy_text.h"

/* The files above one, for cycles, and how many were read in all. */
struct trail {
	const struct trail *above;
	const char *name;
	uint64_t id[2];
	unsigned int depth;
	unsigned int *files;
};

/* What the text says of one call, beside the rules in named. */
struct note {
	bool is_allowed; /* by a group, without a condition */
	bool is_removed;
	bool has_action; /* by a group */
	bool is_named;
	bool is_replaced; /* by more than exceptions */
	uint32_t action;
	uint32_t plain_action;
	unsigned int plain_line;   /* "name" or "name: action"; 0: none */
	unsigned int allow_line;   /* a condition that allows */
	unsigned int removed_line; /* "~name" */
};

struct policy_reader {
	struct policy *policy;
	const struct policy_include *include;
	struct trail trail;
	unsigned int files;
	struct policy weak;    /* the policy, with includes and groups */
	struct policy grouped; /* rules of groups */
	struct policy named;   /* what lines say of single calls */
	struct note notes[POLICY_NR_MAX];
	/* What "default:" says, here and in included files. */
	unsigned int otherwise_line;
	uint32_t otherwise;
	bool has_included, is_disputed;
	uint32_t included;
};

/* Take in a statement about a name, a group or the default. */
int policy_say(struct policy_reader *reader, struct slice text,
	       unsigned int line, struct err *err);

#endif
