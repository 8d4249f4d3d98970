#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

/* file: opening, and what a file is, by calls that all machines share. */
#include <stdint.h>

/* To read; no terminal becomes ours. A descriptor, or -1 with errno set. */
int file_open(const char *path);

/*
 * The same of what a service may have put there: never waits, as opening and
 * reading a FIFO would, for somebody at its other end.
 */
int file_open_now(const char *path);

struct file_id {
	uint32_t dev_major;
	uint32_t dev_minor;
	uint64_t ino;
	uint64_t size; /* bytes */
};

/* Of path, or of fd itself when path is "". 0, or -1 with errno set. */
int file_identify(struct file_id *out, int fd, const char *path);

#endif
