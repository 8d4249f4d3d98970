#ifndef DATA_DENIAL_H
#define DATA_DENIAL_H

/*
 * denial: the lines that tell of refused system calls, out of logs as engines
 * hand them on.
 *
 * A line is pith-init's, as text or JSON, or the kernel's audit record of a
 * filter. In front of it may stand what docker, podman, kubectl, journalctl,
 * syslog, compose and the CRI's files put there: a name, a time, a stream. It
 * counts as a whole or not at all. Nothing proves who wrote it: a service can
 * print the like.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum { DENIAL_NAME_SIZE = 32, DENIAL_WORD_SIZE = 24 };

enum denial_kind {
	DENIAL_CALL,
	DENIAL_SUPPRESSED, /* count more, of which nothing is known */
};

struct denial {
	enum denial_kind kind;
	char call[DENIAL_NAME_SIZE]; /* [a-z0-9_]; empty: audit and nr */
	uint32_t audit;		     /* AUDIT_ARCH_* */
	uint32_t nr;
	uint64_t count;
	char program[DENIAL_WORD_SIZE]; /* printable; empty: not said */
	char error[DENIAL_WORD_SIZE];	/* "EPERM", "killed", ... */
};

/* What has to be known of the lines before; zero at first. */
struct denial_reader {
	bool is_partial[2]; /* of stdout, stderr: a line goes on */
};

/*
 * Read one line, without its newline. True where it tells of a denial, which
 * is then in *out.
 */
bool denial_read(struct denial *out, struct denial_reader *reader,
		 struct slice line);

#endif
