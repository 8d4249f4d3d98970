#ifndef KERNEL_IDS_H
#define KERNEL_IDS_H

/*
 * ids: user and group ids of the calling task alone. libc's functions of the
 * same purpose would change every thread and allocate signal handlers to do
 * so. Each returns 0, or -1 with errno set.
 */
#include <stddef.h>
#include <stdint.h>

int ids_set_groups(const uint32_t *groups, size_t count);
int ids_set_gid(uint32_t gid); /* real, effective and saved */
int ids_set_uid(uint32_t uid); /* real, effective and saved */

#endif
