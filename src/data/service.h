#ifndef DATA_SERVICE_H
#define DATA_SERVICE_H

/*
 * service: the [Service] section, the one vocabulary of recipes, of
 * /etc/pith/service.conf and of pith-init's -o. docs/pith-service.5 lists the
 * keys; the table in service.c is the only place that knows them.
 *
 * Nothing is allocated: values are unquoted where they stand and stay in the
 * caller's text.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct err;

enum {
	SERVICE_TEXT_MAX = 16 * 1024, /* bytes of a service.conf */
	SERVICE_WORDS_MAX = 64,
	SERVICE_GROUPS_MAX = 32,
	SERVICE_LIMITS = 16, /* RLIM_NLIMITS */
	SERVICE_STOP_MS = 8000,
	SERVICE_SIGNALS = 64,
	SERVICE_IGNORE = 255, /* in rewrite: the signal is dropped */
	SERVICE_CODES = 256,
	SERVICE_KEYS_MAX = 128,
	/* These as systemd has them. */
	SERVICE_START_MS = 90000,
	SERVICE_RESTART_MS = 100,
	SERVICE_START_LIMIT_MS = 10000,
	SERVICE_START_BURST = 5,
};

/* Whom stopping concerns; systemd.kill(5) has the same three. */
enum service_kill_mode {
	SERVICE_KILL_ALL,     /* everybody, and wait for the last */
	SERVICE_KILL_MIXED,   /* the main process; the rest is killed after */
	SERVICE_KILL_PROCESS, /* the main process; the rest is left alone */
};

/* When the program counts as started; systemd.service(5) has the same. */
enum service_type { SERVICE_SIMPLE, SERVICE_EXEC, SERVICE_NOTIFY };

/* After which ends it is started again; systemd.service(5) has the same. */
enum service_restart {
	SERVICE_RESTART_NO,
	SERVICE_RESTART_SUCCESS,
	SERVICE_RESTART_FAILURE,
	SERVICE_RESTART_ABNORMAL,
	SERVICE_RESTART_WATCHDOG,
	SERVICE_RESTART_ABORT,
	SERVICE_RESTART_ALWAYS,
};

/* What becomes of calls that the filter refuses (SystemCallLog=). */
enum service_call_log {
	SERVICE_DENIALS, /* refused, and told */
	SERVICE_SILENCE, /* refused */
	SERVICE_AUDIT,	 /* made, and told */
};

/* What Landlock restricts, each by a list of paths or of ports. */
enum service_landlock {
	SERVICE_READ,
	SERVICE_WRITE,
	SERVICE_EXECUTE,
	SERVICE_BIND,
	SERVICE_CONNECT,
	SERVICE_LANDLOCK,
};

/* A yes or no that is neither where nobody has said it. */
enum service_said { SERVICE_UNSAID, SERVICE_NO, SERVICE_YES };

/* What is read as pith-init starts, each a list of its own. */
enum service_file {
	SERVICE_ENVIRONMENT_FILE, /* [-]/path */
	SERVICE_SECRET,		  /* NAME:[-]/path */
	SERVICE_SECRET_FD,	  /* likewise */
	SERVICE_FILES,
};

struct service_words {
	size_t count;
	char *at[SERVICE_WORDS_MAX];
};

/* A user or group: a number, or a name that only a builder can resolve. */
struct service_id {
	bool is_set;
	uint32_t id;
	const char *name; /* NULL when id holds the number */
};

struct service_limit {
	bool is_set;
	uint64_t soft; /* UINT64_MAX is infinity, as RLIM_INFINITY */
	uint64_t hard;
};

/* Words of some, bit i for the i-th of service_choices. */
struct service_bits {
	bool is_set;
	uint64_t bits;
};

struct service_level {
	bool is_set;
	int16_t value;
};

/* First what every start writes: the rest need not become memory. */
struct service {
	uint64_t timeout_stop_ms;  /* UINT64_MAX is never */
	uint64_t forward_delay_ms; /* before KillSignal= is sent */
	uint64_t timeout_start_ms;
	uint64_t watchdog_ms; /* 0: none */
	uint64_t restart_ms;  /* before the next start */
	uint64_t start_limit_ms;
	uint32_t start_limit_burst; /* starts in that time; 0: any */
	uint32_t umask;
	bool has_umask;
	bool allow_exec;
	bool any_program;
	bool send_sighup;	   /* after KillSignal= */
	uint8_t kill_mode;	   /* enum service_kill_mode */
	uint8_t kill_signal;	   /* 0: SIGTERM */
	uint8_t final_kill_signal; /* 0: SIGKILL */
	uint8_t type;		   /* enum service_type */
	uint8_t restart;	   /* enum service_restart */
	uint8_t log_level;	   /* 0: unset; 1: errors alone, to 4 */
	uint8_t log_format;	   /* 0: text, 1: JSON */
	uint8_t call_log;	   /* enum service_call_log */
	bool has_landlock;	   /* a key of that name was given */
	uint8_t no_new_privs;	   /* enum service_said */
	struct service_level nice;
	struct service_level oom_score_adjust;
	struct service_bits bounding; /* capabilities, bit i for number i */
	struct service_bits ambient;
	struct service_bits secure_bits; /* as SECBIT_* */
	struct service_bits scope;	 /* as LANDLOCK_SCOPE_* */
	char *directory;    /* WorkingDirectory=, NULL when not set */
	char *health_check; /* a URL for --probe, or NULL */
	struct service_id user;
	struct service_id group;
	uint8_t rewrite[SERVICE_SIGNALS + 1]; /* 0: as it is */
	uint8_t success[SERVICE_CODES / 8];   /* bit n: code n becomes 0 */
	uint8_t open[SERVICE_KEYS_MAX / 8];   /* Override=: bit i for row i */
	uint8_t best_effort[SERVICE_KEYS_MAX / 8];   /* likewise */
	struct service_limit limits[SERVICE_LIMITS]; /* by RLIMIT_* */
	size_t group_count;			     /* of groups */
	struct service_words exec;
	struct service_words environment;	      /* NAME=value */
	struct service_words filter;		      /* SystemCallFilter= */
	struct service_id groups[SERVICE_GROUPS_MAX]; /* SupplementaryGroups= */
	struct service_words files[SERVICE_FILES];    /* by enum service_file */
	/* [-]/path, numbers of ports, or "none", which grants nothing. */
	struct service_words landlock[SERVICE_LANDLOCK];
	/* Command lines, each with a NULL at its end, which counts. */
	struct service_words start_pre; /* before each start */
	struct service_words stop_post; /* after each end */
};

/* What holds where nothing is said; the second: of starting alone. */
void service_defaults(struct service *service);
void service_start_defaults(struct service *service);

/*
 * Set one key. value is len bytes in writable text and value[len] may be
 * overwritten. List keys add to what they hold; an empty value empties them.
 */
int service_set(struct service *service, struct slice name, char *value,
		size_t len, struct err *err);

/*
 * As service_set, but unless Override= lists the key refuses whatever would loosen the sandbox: a limit may
 * only fall, a umask only mask more, a user only be given where none is set.
 * Keys that say nothing about the sandbox are free.
 */
int service_tighten(struct service *service, struct slice name, char *value,
		    size_t len, struct err *err);

/*
 * Read a whole service.conf on top of the defaults. text is len bytes with
 * room for one more; messages carry the line number.
 */
int service_parse(struct service *out, char *text, size_t len, struct err *err);

/* The same, on top of what *service holds. */
int service_read(struct service *service, char *text, size_t len,
		 struct err *err);

/* Whether BestEffort= names that row of the table. */
bool service_is_best_effort(const struct service *service, int key);

/*
 * What no single key shows: that two of them contradict each other. is_filtered: the program gets
 * a filter.
 */
int service_check(const struct service *service, bool is_filtered,
		  struct err *err);

/* The i-th key's name, or NULL past the last; for usage texts and tests. */
const char *service_key(size_t i);

struct buf;

/*
 * Host only. The canonical text of the section, keys in the table's order and
 * only those that differ from the defaults; service_parse reads it back to an
 * equal service.
 */
void service_print(struct buf *out, const struct service *service);

#endif
