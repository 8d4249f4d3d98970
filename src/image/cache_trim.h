#ifndef IMAGE_CACHE_TRIM_H
#define IMAGE_CACHE_TRIM_H

/* cache_trim: a directory of files that are of use and not needed, in bounds. */
#include <stdint.h>

/*
 * Where the directory's files exceed max bytes, remove those that were not
 * touched for longest until a quarter is free, and in any case what a killed
 * process left under construction (*.tmp) an hour ago and more.
 */
void cache_trim(int dir, uint64_t max);

#endif
