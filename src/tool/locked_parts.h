#ifndef TOOL_LOCKED_PARTS_H
#define TOOL_LOCKED_PARTS_H

/* locked_parts: what locked.c and locked_why.c share. */
#include <stdbool.h>
#include <stdint.h>

struct automatic;
struct buf;
struct lock;
struct lock_file;
struct locked;

/* Whether the program makes a call that the locked policy lacks. */
bool locked_lacks(const struct locked *locked,
		  const struct automatic *automatic, uint32_t nr);

/* The lock of what is now; lock_free() is owed. It points into automatic. */
void locked_now(struct lock *out, const struct automatic *automatic);

/* "libz.so.1 changed, version 1.2 -> 1.3"; false, and nothing: it did not. */
bool locked_print_change(struct buf *out, const struct locked *locked,
			 const struct lock_file *now);

#endif
