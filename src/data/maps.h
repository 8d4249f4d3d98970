#ifndef DATA_MAPS_H
#define DATA_MAPS_H

/*
 * maps: what proc(5)'s /proc/PID/maps says of an address. The text is the
 * kernel's, but the paths in it are the traced program's to choose.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct maps_place {
	struct slice path; /* a file, "[vdso]" and the like, or empty */
	uint64_t offset;   /* of the address, in that file */
};

/*
 * Find the mapping that holds the address. False where none does; lines that
 * are not of the form are passed over.
 */
bool maps_find(struct maps_place *out, struct slice text, uint64_t address);

#endif
