#ifndef DATA_NOTICE_H
#define DATA_NOTICE_H

/*
 * notice: what a service tells its supervisor, as sd_notify(3) writes it:
 * KEY=VALUE lines in one datagram. Keys that are not here are for others.
 */
#include <stdint.h>

#include "base/slice.h"

enum {
	NOTICE_SIZE_MAX = 4096, /* bytes of a datagram */
};

enum notice_what {
	NOTICE_READY = 1,     /* READY=1 */
	NOTICE_STOPPING = 2,  /* STOPPING=1 */
	NOTICE_ALIVE = 4,     /* WATCHDOG=1 */
	NOTICE_STUCK = 8,     /* WATCHDOG=trigger */
	NOTICE_EXTEND = 16,   /* EXTEND_TIMEOUT_USEC=n */
	NOTICE_INTERVAL = 32, /* WATCHDOG_USEC=n */
};

struct notice {
	unsigned int what;    /* of enum notice_what, some */
	uint64_t extend_ms;   /* where NOTICE_EXTEND is set, */
	uint64_t interval_ms; /* and NOTICE_INTERVAL; rounded up */
};

/* Read a datagram. Lines that make no sense are left out, as systemd does. */
struct notice notice_parse(struct slice text);

#endif
