#ifndef SECCOMP_WISHES_H
#define SECCOMP_WISHES_H

/*
 * wishes: the places that a search back through code has asked for, each once,
 * in the order in which they were asked for.
 */
#include <stddef.h>

#include "seccomp/place.h"

/* Just before the instruction at that address the value was in that place. */
struct wish {
	uint64_t at;
	struct place place;
};

struct wishes {
	size_t count;
	struct wish *all;
	uint32_t *buckets; /* indices into all, plus one */
};

void wishes_open(struct wishes *out);
void wishes_close(struct wishes *wishes);

/* False if there are too many; one that is there already is none more. */
bool wishes_add(struct wishes *wishes, uint64_t at, const struct place *place);

#endif
