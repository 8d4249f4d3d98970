#include "seccomp/wishes.h"

#include <stdlib.h>

#include "base/buf.h"

enum { WISHES_MAX = 1 << 15, BUCKETS = 1 << 16 };

static bool same_op(const struct place_op *a, const struct place_op *b)
{
	return a->op == b->op && a->width == b->width &&
	       a->from_width == b->from_width && a->imm == b->imm;
}

static bool same_wish(const struct wish *a, const struct wish *b)
{
	const struct place *x = &a->place, *y = &b->place;

	if (a->at != b->at || x->is_memory != y->is_memory ||
	    x->reg != y->reg || x->op_count != y->op_count ||
	    (x->is_memory && (x->offset != y->offset || x->width != y->width)))
		return false;
	for (unsigned i = 0; i < x->op_count; i++)
		if (!same_op(&x->ops[i], &y->ops[i]))
			return false;
	return true;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * 0x9e3779b97f4a7c15;
}

static size_t hash_wish(const struct wish *wish)
{
	const struct place *place = &wish->place;
	uint64_t hash = mix(wish->at, place->reg);

	if (place->is_memory)
		hash = mix(hash, (uint64_t)place->offset);
	for (unsigned i = 0; i < place->op_count; i++)
		hash = mix(mix(hash, place->ops[i].op),
			   (uint64_t)place->ops[i].imm);
	return hash >> 40 & (BUCKETS - 1);
}

void wishes_open(struct wishes *out)
{
	*out = (struct wishes){
		/* Zeroing all for the few that are used takes longest. */
		.all = mem_grow(NULL, WISHES_MAX, sizeof(struct wish)),
		.buckets = mem_new(BUCKETS, sizeof(uint32_t)),
	};
}

void wishes_close(struct wishes *wishes)
{
	free(wishes->all);
	free(wishes->buckets);
}

bool wishes_add(struct wishes *wishes, uint64_t at, const struct place *place)
{
	const struct wish wish = { at, *place };
	size_t slot = hash_wish(&wish);

	for (; wishes->buckets[slot]; slot = (slot + 1) & (BUCKETS - 1))
		if (same_wish(&wishes->all[wishes->buckets[slot] - 1], &wish))
			return true;
	if (wishes->count == WISHES_MAX)
		return false;
	wishes->all[wishes->count++] = wish;
	wishes->buckets[slot] = (uint32_t)wishes->count;
	return true;
}
