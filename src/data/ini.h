#ifndef DATA_INI_H
#define DATA_INI_H

/*
 * ini: sections and Key=Value lines, as recipes and service.conf write them.
 *
 * Comments stand on lines of their own and begin with '#' or ';'. Blanks
 * around keys and values do not count. There is no line continuation.
 */
#include "base/slice.h"

struct err;

struct ini {
	struct slice rest;
	const char *zero;  /* the first zero byte of the text, or NULL */
	unsigned int line; /* of the item last returned, from 1 */
};

struct ini_item {
	bool is_section; /* then key is the section's name */
	struct slice key;
	struct slice value; /* ends where its line's text ends */
};

/* Start reading text. */
struct ini ini_open(struct slice text);

/*
 * Read the next item. Returns 1, 0 at the end, or -1 for a line that is no
 * section, key or comment; ini->line tells where, the message does not.
 */
int ini_next(struct ini_item *item, struct ini *ini, struct err *err);

#endif
