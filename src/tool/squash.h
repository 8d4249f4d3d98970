#ifndef TOOL_SQUASH_H
#define TOOL_SQUASH_H

/* squash: mksquashfs(1), which makes a file system of a tar stream. */
#include <sys/types.h>

struct err;

struct squash {
	int fd;	    /* where the stream goes */
	int report; /* what it says */
	pid_t pid;
};

/*
 * Start it, to write to the file path, which may exist and be empty. The
 * caller owes squash_finish().
 */
int squash_start(struct squash *out, const char *path, struct err *err);

/*
 * The stream is written (result 0), or writing failed with what *err says:
 * wait for its end. Returns 0, or -1 where either of the two failed; what
 * mksquashfs says comes first.
 */
int squash_finish(struct squash *squash, int result, struct err *err);

#endif
