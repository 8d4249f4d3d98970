#ifndef TOOL_TRIAL_H
#define TOOL_TRIAL_H

/*
 * trial: what a program does in its first seconds on this machine: on which
 * ports it listens, and which files it holds open. /proc is looked at again
 * and again, so a file that is closed at once may be missed.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum { TRIAL_PORTS_MAX = 64, TRIAL_PATHS_MAX = 256 };

struct trial_path {
	char *path;
	bool is_written; /* was open for writing */
};

struct trial {
	size_t port_count;
	struct {
		uint16_t number;
		bool is_udp;
	} ports[TRIAL_PORTS_MAX];
	size_t path_count;
	struct trial_path paths[TRIAL_PATHS_MAX]; /* sorted */
};

/*
 * Start argv (ends with NULL; argv[0] a path) with its output on standard
 * error, watch it and what it starts for that long, and stop it: SIGTERM, and
 * after five seconds SIGKILL. Fails where it cannot be started, or ends by
 * itself with a failure. The caller owes trial_free(), also after a failure.
 */
int trial_run(struct trial *out, char **argv, unsigned int milliseconds,
	      struct err *err);
void trial_free(struct trial *trial);

#endif
