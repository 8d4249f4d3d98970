#ifndef TOOL_PROFILE_ARGS_H
#define TOOL_PROFILE_ARGS_H

/* profile_args: the options that verbs of pith profile on policies share. */
#include <stdbool.h>

struct arch;
struct args_option;
struct err;
struct policy;

enum profile_as { PROFILE_TEXT, PROFILE_BPF, PROFILE_TABLE };

struct profile_args {
	const char *verb; /* for messages: "profile show" */
	int least, most;  /* how many files it takes */
	/* read: */
	const struct arch *arch; /* NULL: not given */
	const char *output;
	enum profile_as as;
	bool allow_exec;
	bool is_plain;
	bool is_judged;
	int count; /* files */
	char **files;
};

/* Read the verb's options, by letters that mean one thing for all; argv is
 * permuted. */
int profile_args_read(struct profile_args *args,
		      const struct args_option *options, int argc, char **argv,
		      struct err *err);

/* A policy from a file, for args->arch or this machine. policy_free() is owed. */
int profile_args_policy(struct policy *policy, const struct profile_args *args,
			const char *file, struct err *err);

#endif
