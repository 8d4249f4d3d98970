#ifndef DATA_LDCONF_H
#define DATA_LDCONF_H

/*
 * ldconf: the lines of /etc/ld.so.conf, from which ldconfig(8) makes the
 * loader's cache: directories, and patterns of further files to read.
 */
#include <stdbool.h>

#include "base/slice.h"

struct ldconf {
	struct slice text; /* what is left of the file */
	struct slice line; /* what is left of an include line */
};

struct ldconf_item {
	bool is_include;
	struct slice value; /* a directory, or a pattern for glob(7) */
};

/* The next item, which points into the text; false at the end. */
bool ldconf_next(struct ldconf_item *out, struct ldconf *conf);

#endif
