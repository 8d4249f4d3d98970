#ifndef KERNEL_RLIMIT_H
#define KERNEL_RLIMIT_H

/* rlimit: resource limits as setrlimit(2) numbers them. */
#include <stdint.h>

/*
 * Set both bounds of a resource; UINT64_MAX is infinity. Where the task may
 * not raise the hard limit that is there, that one stays and bounds both.
 * Returns 0, or -1 with errno set.
 */
int rlimit_set(int resource, uint64_t soft, uint64_t hard);

/* The bounds now in force. Returns 0, or -1 with errno set. */
int rlimit_get(int resource, uint64_t *soft, uint64_t *hard);

#endif
