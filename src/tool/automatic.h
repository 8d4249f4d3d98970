#ifndef TOOL_AUTOMATIC_H
#define TOOL_AUTOMATIC_H

/*
 * automatic: what SystemCallFilter=auto stands for: the calls of an image's
 * program, and of the others that run under its filter, from their own code.
 */
#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "seccomp/derive.h"

struct arch;
struct buf;
struct derivation;
struct err;
struct libraries;
struct recipe;

struct automatic {
	/*
	 * in: the files that a program of the image, by its path there, is
	 * made of. libraries_close() is owed.
	 */
	int (*find)(struct libraries *out, void *of, const char *path,
		    struct err *err);
	void *of;
	/* out */
	const struct arch *arch; /* the programs'; its numbers are the calls' */
	/* An array, as derived.h has them, "at" is the path; or NULL. */
	json_t *programs;
	bool calls[DERIVE_NR_MAX];
	/* Of these, what words and keys of the recipe refuse (seen.h). */
	bool dropped[DERIVE_NR_MAX];
	size_t open_count;
	size_t vouched_count; /* libraries that somebody vouches for */
};

/*
 * Derive what the recipe's service runs: ExecStart= first, then Also=,
 * ExecStartPre= and ExecStopPost=; all for its platform.
 */
int automatic_derive(struct automatic *automatic, const struct recipe *recipe,
		     bool is_complete, struct err *err);

/* Analyse one of them again, for what is not kept: the ways to its calls. */
int automatic_open(struct derivation *out, const struct automatic *automatic,
		   const char *path, struct err *err);

/* "NAME (0x...): WHY", the first place that stays open; NULL: none. */
void automatic_print_open(struct buf *out, const struct automatic *automatic);

/* How the service's own program starts others: lines; 0 where it does not. */
const json_t *automatic_starts(const struct automatic *automatic);

void automatic_free(struct automatic *automatic);

#endif
