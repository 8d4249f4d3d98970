#ifndef INIT_LOAD_H
#define INIT_LOAD_H

/* load: a whole small file, into memory that is already there. */
#include <stddef.h>
#include <sys/types.h>

struct err;

enum { LOAD_NONE = -2 };

/* Open a file to be read. Returns the descriptor, or -1 with errno set. */
int load_open(const char *path);

/*
 * Read all of fd, at most cap - 1 bytes, and close it. A negative fd is the
 * failure of load_open, right after it. Returns the length; LOAD_NONE, with
 * *err as it was, where there is no such file; or -1 where there is one that
 * cannot be had whole: the caller puts its name before the message.
 */
ssize_t load_read(char *buf, size_t cap, int fd, struct err *err);

#endif
