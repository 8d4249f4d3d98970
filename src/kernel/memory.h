#ifndef KERNEL_MEMORY_H
#define KERNEL_MEMORY_H

/* memory: pages from the kernel, where there is no heap. */
#include <stdbool.h>
#include <stddef.h>

/*
 * Zeroed memory of at least len bytes, shared with children made later or
 * copied into them. NULL with errno set on failure.
 */
void *memory_map(size_t len, bool is_shared);

/* Give back what memory_map gave, with the same len. */
void memory_unmap(const void *at, size_t len);

#endif
