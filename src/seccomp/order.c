#include "seccomp/order.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/scope.h"

enum { DIGITS = 1 << 11 };

/* Of an address from the lowest on; a module's number is one of its own. */
static const struct digit {
	unsigned shift, mask;
} digits[] = {
	{ 0, DIGITS - 1 },    { 11, DIGITS - 1 },	    { 22, DIGITS - 1 },
	{ 33, (1 << 7) - 1 }, { MODULE_SHIFT, DIGITS - 1 },
};

_Static_assert(MODULE_SHIFT == 33 + 7 && (int)PROGRAM_MODULES < (int)DIGITS,
	       "the digits are all of an address");

enum { DIGIT_COUNT = sizeof(digits) / sizeof(digits[0]) };

static size_t digit_of(uint64_t key, const struct digit *digit)
{
	return key >> digit->shift & digit->mask;
}

static uint64_t key_of(const struct reach_edge *edge, bool is_from)
{
	return is_from ? edge->from : edge->to;
}

/* How often each digit has each value: one look for all of them. */
struct counts {
	uint32_t of[DIGIT_COUNT][DIGITS];
};

static void count_digits(struct counts *out, const struct reach_edge *at,
			 size_t count, bool is_from)
{
	*out = (struct counts){ 0 };
	for (size_t i = 0; i < count; i++) {
		uint64_t key = key_of(&at[i], is_from);

		for (size_t n = 0; n < DIGIT_COUNT; n++)
			out->of[n][digit_of(key, &digits[n])]++;
	}
}

/* Where each digit's elements begin; false: all have the same digit. */
static bool make_starts(uint32_t *starts, size_t count)
{
	uint32_t start = 0;

	for (size_t i = 0; i < DIGITS; i++) {
		uint32_t here = starts[i];

		if (here == count)
			return false;
		starts[i] = start;
		start += here;
	}
	return true;
}

/* By one digit; what has the same stays in its order. */
static void sort_by(struct reach_edge *to, const struct reach_edge *from,
		    size_t count, uint32_t *starts, const struct digit *digit,
		    bool is_from)
{
	for (size_t i = 0; i < count; i++)
		to[starts[digit_of(key_of(&from[i], is_from), digit)]++] =
			from[i];
}

/* Either array may hold them in the end: which of the two is returned. */
static const struct reach_edge *sort(struct reach_edge *at,
				     struct reach_edge *other, size_t count)
{
	auto_free struct counts *counts = mem_new(1, sizeof(*counts));

	for (int is_from = 1; is_from >= 0; is_from--) {
		count_digits(counts, at, count, is_from);
		for (size_t i = 0; i < DIGIT_COUNT; i++) {
			struct reach_edge *sorted = other;

			if (!make_starts(counts->of[i], count))
				continue;
			sort_by(other, at, count, counts->of[i], &digits[i],
				is_from);
			other = at;
			at = sorted;
		}
	}
	return at;
}

static bool is_before(const struct reach_edge *a, const struct reach_edge *b)
{
	return a->to != b->to ? a->to < b->to : a->from < b->from;
}

void order_edges(struct reach_edge *at, size_t count, size_t *sorted)
{
	size_t old = *sorted, rest = count - old;

	if (!rest)
		return;
	auto_free struct reach_edge *tail = mem_new(rest, sizeof(*tail));

	if (sort(at + old, tail, rest) != tail)
		memcpy(tail, at + old, rest * sizeof(*tail));
	for (size_t end = count; rest; end--)
		at[end - 1] = old && is_before(&tail[rest - 1], &at[old - 1])
				      ? at[--old]
				      : tail[--rest];
	*sorted = count;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void order_addresses(uint64_t *at, size_t count, size_t *sorted)
{
	size_t old = *sorted, rest = count - old;

	if (!rest)
		return;
	auto_free uint64_t *tail = mem_new(rest, sizeof(*tail));

	memcpy(tail, at + old, rest * sizeof(*tail));
	qsort(tail, rest, sizeof(*tail), compare);
	for (size_t end = count; rest; end--)
		at[end - 1] = old && tail[rest - 1] < at[old - 1]
				      ? at[--old]
				      : tail[--rest];
	*sorted = count;
}
