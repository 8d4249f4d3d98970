#ifndef TOOL_COMPARE_H
#define TOOL_COMPARE_H

/*
 * compare: what differs between two images: how they are started, what pith
 * put into them, and their files. docs/pith.1 lists what counts.
 */
#include "tool/subject.h"

struct arch;
struct diff_change;
struct diff_sink;
struct err;
struct tree;

struct compare_side {
	struct subject subject;
	struct tree *tree;
};

/*
 * Open an archive, as subject_open() does. The caller owes compare_close(), also
 * after a failure.
 */
int compare_open(struct compare_side *side, const char *path,
		 const struct arch *arch, struct err *err);
void compare_close(struct compare_side *side);

/*
 * Tell the differences of config, service.conf, filter and files, in this
 * order. Once: it rewrites what the scans hold.
 */
int compare_sides(const struct diff_sink *sink, struct compare_side *a,
		  struct compare_side *b, struct err *err);

/*
 * Print a line on standard output: "- file /etc/x: ...",
 * "+ config Env.A: ...", "~ file /x: mode: A -> B".
 */
void compare_print(const struct diff_change *change);

#endif
