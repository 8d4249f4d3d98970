#ifndef TOOL_CACHE_H
#define TOOL_CACHE_H

/*
 * cache: results that cost time, by a key that says all they depend on, in a
 * directory of image/cache_dir.h. It may be deleted at any time, and
 * whatever goes wrong with it costs only time.
 *
 * Several may use it at once: a result appears by rename. A directory or file
 * of somebody else, or that others can write to, is not believed.
 */
#include <stdbool.h>

#include "base/slice.h"

struct buf;

/*
 * The result of that kind by that key, the digits of a SHA-256, appended;
 * false: there is none.
 */
bool cache_load(struct buf *out, const char *kind, const char *key);

/* Keep it; where too many are kept, old ones go. */
void cache_save(const char *kind, const char *key, struct slice text);

#endif
