#ifndef DATA_UNIT_KEY_H
#define DATA_UNIT_KEY_H

/*
 * unit_key: what becomes of each key of a systemd unit, as one table, which
 * pith import-unit follows and docs/systemd-keys.md shows.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "data/unit.h"

struct buf;

enum unit_page {
	UNIT_HARDENING, /* whatever page has it */
	UNIT_EXEC,
	UNIT_SERVICE_PAGE,
	UNIT_KILL,
	UNIT_RESOURCE,
	UNIT_UNIT_PAGE,
	UNIT_PAGES,
};

enum unit_fate {
	UNIT_SAME,  /* pith has the key, and it means the same */
	UNIT_OURS,  /* something of pith's takes its place */
	UNIT_NEVER, /* does not apply to a container, or not to pith */
};

/* How a value becomes one of ours; see unit_import.c. */
enum unit_how {
	UNIT_DROP,
	UNIT_VALUE, /* as it is */
	UNIT_LIST,  /* as it is, each line */
	UNIT_JOIN,  /* all lines as one */
	UNIT_BOOL,
	UNIT_ALWAYS, /* yes; no is not to be had */
	UNIT_SPAN,
	UNIT_LIMIT,
	UNIT_SIGNAL,
	UNIT_USER,
	UNIT_GROUP,
	UNIT_GROUPS,
	UNIT_DIRECTORY,
	UNIT_ENVIRONMENT,
	UNIT_ENVIRONMENT_FILE,
	UNIT_CREDENTIAL,
	UNIT_EXEC_START,
	UNIT_COMMANDS,
	UNIT_TYPE,
	UNIT_TIMEOUT_SEC,
	UNIT_RENAME, /* to what the text begins with */
	UNIT_EXIT_STATUS,
	UNIT_KILL_MODE,
	UNIT_FILTER,
};

struct unit_key {
	const char *name; /* "TTY*", "*Accounting": all such */
	uint8_t page;	  /* enum unit_page */
	uint8_t fate;	  /* enum unit_fate */
	uint8_t how;	  /* enum unit_how */
	const char *text; /* the reason, or what to use instead; may be "" */
};

/* The row of a key in that section, or NULL where systemd has none. */
const struct unit_key *unit_key_find(enum unit_section section,
				     struct slice name);

/* The i-th row, or NULL past the last. */
const struct unit_key *unit_key_at(size_t i);

/* The whole table, as Markdown. */
void unit_key_print(struct buf *out);

#endif
