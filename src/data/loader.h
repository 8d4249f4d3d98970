#ifndef DATA_LOADER_H
#define DATA_LOADER_H

/*
 * loader: what a dynamic loader's file tells about how it searches.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum { LOADER_DIRS_MAX = 16 };

/*
 * The directories that glibc's loader was built to search last, such as
 * "/lib/x86_64-linux-gnu/" and "/usr/lib/"; each ends with its slash. They are
 * one run of texts in the file (elf/dl-load.c, system_dirs). Returns how many,
 * at most LOADER_DIRS_MAX, or 0 where there is no such run.
 */
size_t loader_dirs(struct slice *out, struct slice bytes);

/* True for the path of musl's loader, which searches by rules of its own. */
bool loader_is_musl(struct slice path);

/* True for a name that musl's loader takes for itself: its libc is all. */
bool loader_is_musl_libc(const char *name);

#endif
