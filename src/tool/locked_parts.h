#ifndef TOOL_LOCKED_PARTS_H
#define TOOL_LOCKED_PARTS_H

/* locked_parts: what the files of locked share, and nobody else. */
#include <stdbool.h>
#include <stdint.h>

struct automatic;
struct buf;
struct lock_part;
struct lock_file;
struct locked;

/* Whether the program makes a call that the locked policy lacks. */
bool locked_lacks(const struct locked *locked,
		  const struct automatic *automatic, uint32_t nr);

/*
 * What there is now; it points into automatic. lock_part_free() is owed.
 */
void locked_part(struct lock_part *out, const struct automatic *automatic);

/* "dir/x.pith" and "lock" are "dir/x.lock", the caller's to free. */
char *locked_beside(const char *recipe, const char *suffix);

/* The gate's to open, by AllowExec=, and not the policy's. */
bool locked_is_gates(const char *name);

/* "libz.so.1 changed, version 1.2 -> 1.3"; false, and nothing: it did not. */
bool locked_print_change(struct buf *out, const struct locked *locked,
			 const struct lock_file *now);

#endif
