#ifndef INIT_LIFE_H
#define INIT_LIFE_H

/*
 * life: one process that pith-init started and waits for, from its start to
 * the end of all that it left behind, as state and hours at which something is
 * to happen. supervise.c turns signals into calls of these.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct supervise;

enum { LIFE_NEVER_ENDED = -1 };

enum life_hour {
	LIFE_FORWARD,  /* the stop is passed on (ForwardDelaySec) */
	LIFE_KILL,     /* who is left is killed (TimeoutStopSec) */
	LIFE_START,    /* it has not said READY=1 (TimeoutStartSec) */
	LIFE_WATCHDOG, /* it has not said WATCHDOG=1 (WatchdogSec) */
	LIFE_REMIND,   /* an audit says again that it is one */
	LIFE_HOURS,
};

struct life {
	struct supervise *what;
	pid_t child;
	uint64_t hours[LIFE_HOURS]; /* on clock_ms, or UINT64_MAX: never */
	uint64_t watchdog_ms;
	int code;	  /* the child's exit code, or LIFE_NEVER_ENDED */
	unsigned int how; /* how it ended, of enum supervise_end */
	bool is_stopping; /* it has been told to end, or has ended */
	bool is_killed;	  /* everybody has been */
	bool is_alone;	  /* no child is left */
};

/* now + ms, or never. */
uint64_t life_after(uint64_t ms);

/* Milliseconds until an hour: 0 when it is past, UINT64_MAX for never. */
uint64_t life_until(uint64_t hour);

/* The hour that comes first. */
uint64_t life_next(const struct life *life);

/* Do what the hour that is past was kept for. */
void life_take_time(struct life *life);

/*
 * SIGTERM is the engine's wish to stop. The first starts the time that the
 * service has; a second says that it has no more.
 */
void life_request_stop(struct life *life);

/*
 * The process is over, with that wait status. What it leaves behind has been
 * told to stop with it, or is told now, and gets the rest of the time;
 * KillMode=mixed gives none.
 */
void life_child_ended(struct life *life, int status);

/* A datagram came for NOTIFY_SOCKET. */
void life_take_notices(struct life *life);

#endif
