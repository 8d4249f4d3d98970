#ifndef IMAGE_SEARCH_DIRS_H
#define IMAGE_SEARCH_DIRS_H

/* search_dirs: the names of directories, for search.c alone. */
#include <stdbool.h>

#include "base/buf.h"

struct search;

/*
 * Append dir with $ORIGIN, the directory of file, $LIB and $PLATFORM put in,
 * with or without braces: ld.so(8), "Dynamic string tokens".
 */
void search_expand(struct buf *out, const struct search *search,
		   struct slice dir, const char *file);
bool search_has_origin(struct slice dir);

#endif
