#ifndef INIT_LOAD_H
#define INIT_LOAD_H

/* load: a whole small file, into memory that is already there. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;

/*
 * Open a file for reading. Returns the descriptor, which is the caller's, or
 * -1: then *found is false where there is no such file, an answer that does
 * not fill *err, and true where there is one that cannot be opened.
 */
int load_open(bool *found, const char *path, struct err *err);

/*
 * Read all of fd, at most cap - 1 bytes, and close it; path is for messages.
 * Returns the length, or -1.
 */
ssize_t load_read(char *buf, size_t cap, int fd, const char *path,
		  struct err *err);

#endif
