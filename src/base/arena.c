#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

struct arena_block {
	struct arena_block *next;
	char bytes[];
};

enum { BLOCK = 64 * 1024, LARGE = BLOCK / 8 };

static char *add_block(struct arena *arena, size_t size)
{
	struct arena_block *block = mem_new(1, sizeof(*block) + size);

	block->next = arena->blocks;
	arena->blocks = block;
	return block->bytes;
}

/* What is large has a block of its own, and the rest of the last one stays. */
static char *take(struct arena *arena, size_t size)
{
	if (size > LARGE)
		return add_block(arena, size);
	if (size > arena->left) {
		arena->left = BLOCK - sizeof(struct arena_block);
		arena->at = add_block(arena, arena->left);
	}
	char *at = arena->at;

	arena->at += size;
	arena->left -= size;
	return at;
}

char *arena_text(struct arena *arena, struct slice text)
{
	char *copy = take(arena, text.len + 1);

	if (text.len)
		memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	return copy;
}

void arena_free(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
	*arena = (struct arena){ 0 };
}
