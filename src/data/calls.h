#ifndef DATA_CALLS_H
#define DATA_CALLS_H

/*
 * calls: the text of /etc/pith/calls, by which PID 1 says what a call was; the
 * builder makes it (arch/call_list.h) for the image's machine.
 *
 * Row n is of call n: its name, a blank, and a letter for each argument; empty
 * where there is no such call. Letters: d a signed number, s the address of a
 * string, o a mode, x any other, and 'A' to '[' a value of that family of
 * constants. Behind the rows come the constants themselves, a line each, in a
 * family by falling value: its letter, '|' for one that is combined with others
 * or else a blank, the value, a blank, and the name. '@' is errors.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
	CALLS_SIZE_MAX = 64 * 1024, /* bytes of the file */
	CALLS_ERRORS = '@',
	CALLS_FAMILIES = '@', /* the first one's letter is the next */
};

/* The row of a call; false where the text has none. */
bool calls_row(struct slice *name, struct slice *letters, struct slice text,
	       uint32_t nr);

/*
 * Write a value of a family by its constants ("O_WRONLY|O_CREAT|0x4"), at most
 * cap bytes with the zero at the end, and return how many that are without it.
 */
size_t calls_value(char *out, size_t cap, struct slice text, char family,
		   uint32_t value);

#endif
