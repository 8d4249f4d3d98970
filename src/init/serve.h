#ifndef INIT_SERVE_H
#define INIT_SERVE_H

/*
 * serve: a service's starts and ends, one after another, as Restart= says:
 *
 *	ExecStartPre=... -> the program -> ExecStopPost=... -> again, or the end
 */
struct options;
struct plan;
struct signals;

/* Returns pith-init's exit code: the program's, at its last end. */
int serve_run(struct plan *plan, const struct options *options,
	      const struct signals *inherited);

#endif
