#ifndef IMAGE_CACHE_DIR_H
#define IMAGE_CACHE_DIR_H

/*
 * cache_dir: the user's own directory for what can be made again:
 * XDG_CACHE_HOME/pith, or else ~/.cache/pith.
 */
#include <stdbool.h>

/*
 * The directory of that name in it, or, where kind is NULL, itself; is_made:
 * make what is missing. Returns a descriptor, or -1 where there is none to be
 * trusted: somebody else owns it or what it is in, others can write to it, or
 * its name is a symbolic link.
 */
int cache_dir_open(const char *kind, bool is_made);

/* True for a name that begins with a SHA-256: no other file is the cache's. */
bool cache_dir_owns(const char *name);

#endif
