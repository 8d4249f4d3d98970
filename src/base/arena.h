#ifndef BASE_ARENA_H
#define BASE_ARENA_H

/*
 * arena: texts that live and go together, for the host tool. One behind the
 * other: by itself each would take up to 24 bytes more of malloc(3).
 */
#include <stddef.h>

#include "base/slice.h"

struct arena_block;

/* All zeros is the empty one. */
struct arena {
	struct arena_block *blocks;
	char *at; /* of the last block: what is free, */
	size_t left;
};

/*
 * A copy of text with a zero byte behind it, aligned to nothing, which holds
 * until arena_free(). Does not fail (it ends the program, as mem_new).
 */
char *arena_text(struct arena *arena, struct slice text);

void arena_free(struct arena *arena);

#endif
