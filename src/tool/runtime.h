#ifndef TOOL_RUNTIME_H
#define TOOL_RUNTIME_H

/* runtime: a container in the foreground, by an OCI runtime (runc, crun). */
#include <signal.h>
#include <sys/types.h>

struct container;
struct err;

struct runtime {
	const char *program;  /* found in PATH */
	const char *bundle;   /* the directory with config.json */
	const char *state;    /* a directory for the runtime's own files */
	const char *id;	      /* the container's, unique on the machine */
	pid_t teller;	      /* this process's parent, see container.h */
	const sigset_t *mask; /* the runtime's */
};

/*
 * The first runtime in PATH, or chosen itself if not NULL.
 * NULL with *err filled where there is none.
 */
const char *runtime_find(const char *chosen, struct err *err);

/*
 * Create a container of the bundle, start it and wait for its end, passing on
 * what is told; call told_take() before. Returns the container's exit code
 * (128 and more: ended by a signal, or told to end before it was started), or
 * -1 with *err filled where the runtime failed. The caller owes a
 * runtime_clean() in every case. It has to be the subreaper (guard.h): the
 * runtime is gone when the container starts.
 */
int runtime_run(const struct runtime *runtime, struct err *err);

/*
 * The same in two steps, for who has something to do between them: make the
 * container, whose first process waits to be started.
 */
int runtime_create(struct container *container, const struct runtime *runtime,
		   struct err *err);

/*
 * Start it. Returns the pid of the runtime's command, which the caller waits
 * for: its status says whether it could; or -1 with *err filled.
 */
pid_t runtime_start(const struct runtime *runtime, struct err *err);

/*
 * Kill the container, if it is still there, and remove the runtime's files and
 * the bundle. For guard.h's clean; says itself what it had to leave behind.
 */
void runtime_clean(const struct runtime *runtime);

#endif
