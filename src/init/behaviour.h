#ifndef INIT_BEHAVIOUR_H
#define INIT_BEHAVIOUR_H

/*
 * behaviour: what differs between the programs that pith-init stands in for.
 * A personality gives the defaults, flags and variables change them, and
 * apply and supervise obey.
 */
#include <stdbool.h>
#include <stdint.h>

/* What the child leaves of init's session. */
enum behaviour_session {
	/* a session; in a terminal's foreground a group, which takes it over */
	BEHAVIOUR_SESSION_AUTO,
	BEHAVIOUR_SESSION_GROUP, /* a group; the foreground goes with it */
	BEHAVIOUR_SESSION_OWN,	 /* a session; the terminal goes with it */
	BEHAVIOUR_SESSION_SAME,	 /* nothing: init's group and session */
};

/* What init prints instead of running anything. */
enum behaviour_answer {
	BEHAVIOUR_RUN,
	BEHAVIOUR_HELP,
	BEHAVIOUR_VERSION,
	BEHAVIOUR_LICENSE,
	BEHAVIOUR_EXPLAIN, /* what would be done; these two need the plan */
	BEHAVIOUR_CHECK,   /* what of that the kernel can do */
};

struct behaviour {
	uint8_t answer;	      /* enum behaviour_answer */
	uint8_t session;      /* enum behaviour_session */
	uint8_t verbosity;    /* enum log_level: the most that is said */
	uint8_t death_signal; /* when the parent dies; 0: none */
	bool to_group;	      /* signals go to the child's group */
	bool adopts;	      /* orphans, where it is not PID 1 */
	bool notes_orphans;   /* says so where it does not get them */
	bool notes_reaping;   /* one line for each orphan that it reaped */
	bool stops;	      /* SIGTERM stops all; else it is passed on */
	bool ends_group;      /* SIGTERM to the group when the child ended */
	bool suspends;	      /* stops itself with the child */
	bool pauses;	      /* runs no program: reaps until told to end */
};

#endif
