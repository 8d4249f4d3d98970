#ifndef INIT_PROBE_H
#define INIT_PROBE_H

/*
 * probe: ask a service how it is, for images without a shell or curl.
 *
 * One connection, one overall deadline, bounded memory, no resolver. Nothing
 * of /etc/pith is read and nothing of the process is changed but that it
 * becomes non-dumpable.
 */
struct err;

enum probe_exit {
	PROBE_HEALTHY = 0,
	PROBE_UNHEALTHY = 1,
	PROBE_FAILED = 125, /* asked wrongly */
};

/*
 * args is what follows --probe: the URL, then options with their values; ends
 * with NULL. Returns a probe_exit; *err is filled unless that is 0. Not
 * inlined: main's stack frame is large, and each access to it longer.
 */
__attribute__((noinline)) int probe_run(char *const *args, struct err *err);

#endif
