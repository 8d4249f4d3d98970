#ifndef TOOL_RUNTIME_H
#define TOOL_RUNTIME_H

/* runtime: an OCI runtime (runc, crun) run in the foreground. */
#include <signal.h>

struct err;

struct runtime {
	const char *program;  /* found in PATH */
	const char *bundle;   /* the directory with config.json */
	const char *state;    /* a directory for the runtime's own files */
	const sigset_t *mask; /* the runtime's */
};

/*
 * The first runtime in PATH, or chosen itself if not NULL.
 * NULL with *err filled where there is none.
 */
const char *runtime_find(const char *chosen, struct err *err);

/*
 * Keep the signals that would end this program until they are passed on; the
 * mask as it was goes to *before and to the runtime.
 */
void runtime_take_signals(sigset_t *before);

/* A signal to end that has been kept so far, or 0. */
int runtime_pending(void);

/*
 * Run the bundle and wait for its end, passing signals on. Returns the
 * container's exit code (128 and more: ended by a signal), or -1 with *err
 * filled when the runtime could not be started. The container is gone
 * afterwards in every case.
 */
int runtime_run(const struct runtime *runtime, struct err *err);

#endif
