#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "seccomp/order.h"

enum { EDGES = 60000, STEPS = 7 };

static struct reach_edge ours[EDGES];
static struct numbered {
	struct reach_edge edge;
	uint32_t order;
} theirs[EDGES];
static uint64_t addresses[EDGES], copies[EDGES];

/* Few addresses and few modules, so that many are equal; some far apart. */
static uint64_t address(void)
{
	uint64_t module = 1 + (uint64_t)random() % 1024;
	uint64_t offset = (uint64_t)random() % (random() % 8 ? 64 : 1 << 30);

	return random() % 50 ? module % 9 << MODULE_SHIFT | offset
			     : module << MODULE_SHIFT | offset << 9;
}

static int compare_edges(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	if (x->edge.to != y->edge.to)
		return x->edge.to < y->edge.to ? -1 : 1;
	if (x->edge.from != y->edge.from)
		return x->edge.from < y->edge.from ? -1 : 1;
	/* In their order otherwise. */
	return x->order < y->order ? -1 : x->order > y->order;
}

static int compare_addresses(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void edges_are_sorted_whatever_was_before(void **state)
{
	size_t sorted = 0;

	(void)state;
	srandom(1);
	order_edges(ours, 0, &sorted);
	for (uint32_t i = 0; i < EDGES; i++) {
		ours[i] = reach_edge(address(), address(), i % 3);
		theirs[i] = (struct numbered){ ours[i], i };
	}
	/* The first part is long, then some, then nothing, then one. */
	static const size_t counts[STEPS] = { 40000, 41000, 41000, 41001,
					      41003, 59999, EDGES };

	for (int i = 0; i < STEPS; i++) {
		order_edges(ours, counts[i], &sorted);
		assert_int_equal(sorted, counts[i]);
		qsort(theirs, counts[i], sizeof(theirs[0]), compare_edges);
		for (size_t n = 0; n < counts[i]; n++)
			assert_memory_equal(&ours[n], &theirs[n].edge,
					    sizeof(ours[n]));
	}
}

static void addresses_are_sorted_whatever_was_before(void **state)
{
	size_t sorted = 0;

	(void)state;
	srandom(1);
	for (size_t i = 0; i < EDGES; i++)
		copies[i] = addresses[i] = address();
	for (size_t count = 0; count < EDGES; count = count * 3 / 2 + 1) {
		order_addresses(addresses, count, &sorted);
		assert_int_equal(sorted, count);
		qsort(copies, count, sizeof(copies[0]), compare_addresses);
		assert_memory_equal(addresses, copies,
				    count * sizeof(copies[0]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_are_sorted_whatever_was_before),
		cmocka_unit_test(addresses_are_sorted_whatever_was_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
