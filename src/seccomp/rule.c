#include "seccomp/rule.h"

#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void rule_free(struct rule *rule)
{
	for (size_t i = 0; i < rule->test_count; i++)
		free(rule->tests[i].values);
	rule->test_count = 0;
}

static struct rule_test copy_test(const struct rule_test *test)
{
	struct rule_test copy = *test;

	copy.values = mem_new(test->count, sizeof(*copy.values));
	memcpy(copy.values, test->values, test->count * sizeof(*copy.values));
	return copy;
}

void rule_copy(struct rule *to, const struct rule *from)
{
	*to = *from;
	for (size_t i = 0; i < from->test_count; i++)
		to->tests[i] = copy_test(&from->tests[i]);
}

bool rule_is_stricter(uint32_t a, uint32_t b)
{
	/* As the kernel ranks them; among errors the smaller number. */
	return (int32_t)a < (int32_t)b;
}

bool rule_lets_pass(uint32_t action)
{
	uint32_t what = action & SECCOMP_RET_ACTION_FULL;

	return what == SECCOMP_RET_ALLOW || what == SECCOMP_RET_LOG;
}

static bool has_value(const struct rule_test *test, uint64_t value)
{
	for (size_t i = 0; i < test->count; i++)
		if (test->values[i] == value)
			return true;
	return false;
}

static bool test_holds(const struct rule_test *test, uint64_t argument)
{
	uint64_t value = argument & test->mask;

	switch ((enum rule_op)test->op) {
	case RULE_IN:
		return has_value(test, value);
	case RULE_NOT_IN:
		return !has_value(test, value);
	case RULE_BELOW:
		return value < test->values[0];
	case RULE_FROM:
		return value >= test->values[0];
	}
	return false;
}

bool rule_holds(const struct rule *rule, const uint64_t args[6])
{
	for (size_t i = 0; i < rule->test_count; i++)
		if (!test_holds(&rule->tests[i], args[rule->tests[i].arg]))
			return false;
	return true;
}

static int compare_values(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void sort_values(struct rule_test *test)
{
	size_t kept = 0;

	qsort(test->values, test->count, sizeof(*test->values), compare_values);
	for (size_t i = 0; i < test->count; i++)
		if (!kept || test->values[kept - 1] != test->values[i])
			test->values[kept++] = test->values[i];
	test->count = kept;
}

/* Keep the values for which the other test of the same bits holds. */
static void keep_values(struct rule_test *test, const struct rule_test *other)
{
	size_t kept = 0;

	for (size_t i = 0; i < test->count; i++)
		if (test_holds(other, test->values[i]))
			test->values[kept++] = test->values[i];
	test->count = kept;
}

static void add_values(struct rule_test *test, const struct rule_test *other)
{
	size_t count = test->count + other->count;

	test->values = mem_grow(test->values, count, sizeof(*test->values));
	memcpy(test->values + test->count, other->values,
	       other->count * sizeof(*test->values));
	test->count = count;
	sort_values(test);
}

/* Where a mask has one bit, "is the bit" is said as "is not 0". */
static void turn_single_bit(struct rule_test *test)
{
	bool is_one = test->mask && !(test->mask & (test->mask - 1));

	if (!is_one || test->count != 1 || test->values[0] != test->mask)
		return;
	if (test->op == RULE_IN)
		test->op = RULE_NOT_IN;
	else if (test->op == RULE_NOT_IN)
		test->op = RULE_IN;
	else
		return;
	test->values[0] = 0;
}

static void remove_test(struct rule *rule, size_t i)
{
	free(rule->tests[i].values);
	rule->test_count--;
	for (; i < rule->test_count; i++)
		rule->tests[i] = rule->tests[i + 1];
}

/*
 * Make one test of two about the same bits. Returns false when both have to
 * stay (a range has two ends, and may have exceptions).
 */
static bool fold(struct rule_test *test, const struct rule_test *other)
{
	if (test->op == RULE_IN) {
		keep_values(test, other);
		return true;
	}
	if (test->op != other->op)
		return false;
	if (test->op == RULE_NOT_IN)
		add_values(test, other);
	else if ((test->op == RULE_BELOW) ==
		 (other->values[0] < test->values[0]))
		test->values[0] = other->values[0];
	return true;
}

static int compare_tests(const struct rule_test *a, const struct rule_test *b)
{
	if (a->arg != b->arg)
		return a->arg < b->arg ? -1 : 1;
	if (a->mask != b->mask)
		return a->mask < b->mask ? -1 : 1;
	if (a->op != b->op)
		return a->op < b->op ? -1 : 1;
	for (size_t i = 0; i < a->count && i < b->count; i++)
		if (a->values[i] != b->values[i])
			return a->values[i] < b->values[i] ? -1 : 1;
	return (a->count > b->count) - (a->count < b->count);
}

/* Whether the new test, with a range's other end, leaves no value. */
static bool is_never(const struct rule *rule, const struct rule_test *test)
{
	if (test->op == RULE_IN)
		return !test->count;
	if (test->op == RULE_BELOW && !test->values[0])
		return true;
	for (size_t i = 0; i < rule->test_count; i++) {
		const struct rule_test *other = &rule->tests[i];

		if (other->arg != test->arg)
			continue;
		if (test->op == RULE_FROM && other->op == RULE_BELOW &&
		    other->values[0] <= test->values[0])
			return true;
		if (test->op == RULE_BELOW && other->op == RULE_FROM &&
		    test->values[0] <= other->values[0])
			return true;
	}
	return false;
}

/* Take every test of the same bits into the new one, as far as it goes. */
static void absorb(struct rule *rule, struct rule_test *test)
{
	for (size_t i = 0; i < rule->test_count;) {
		struct rule_test *old = &rule->tests[i];
		bool is_same = old->arg == test->arg && old->mask == test->mask;

		if (is_same && old->op == RULE_IN && test->op != RULE_IN) {
			struct rule_test swapped = *old;

			*old = *test;
			*test = swapped;
		}
		if (is_same && fold(test, old))
			remove_test(rule, i);
		else
			i++;
	}
}

static void insert(struct rule *rule, struct rule_test test)
{
	size_t i = rule->test_count++;

	for (; i && compare_tests(&rule->tests[i - 1], &test) > 0; i--)
		rule->tests[i] = rule->tests[i - 1];
	rule->tests[i] = test;
}

enum rule_added rule_add_test(struct rule *rule, const struct rule_test *test)
{
	if (rule->test_count == RULE_TESTS_MAX || test->count > RULE_VALUES_MAX)
		return RULE_FULL;
	struct rule_test added = copy_test(test);

	sort_values(&added);
	turn_single_bit(&added);
	if ((added.op == RULE_FROM && !added.values[0]) ||
	    (added.op == RULE_NOT_IN && !added.count)) {
		free(added.values);
		return RULE_ALWAYS;
	}
	absorb(rule, &added);
	bool never = is_never(rule, &added);

	insert(rule, added);
	return never ? RULE_NEVER : RULE_ADDED;
}

int rule_compare(const struct rule *a, const struct rule *b)
{
	/* The one without tests says what holds otherwise: it comes last. */
	if (!a->test_count != !b->test_count)
		return a->test_count ? -1 : 1;
	if (a->action != b->action)
		return rule_is_stricter(a->action, b->action) ? -1 : 1;
	for (size_t i = 0; i < a->test_count && i < b->test_count; i++) {
		int order = compare_tests(&a->tests[i], &b->tests[i]);

		if (order)
			return order;
	}
	return (a->test_count > b->test_count) -
	       (a->test_count < b->test_count);
}

bool rule_overlaps(const struct rule *a, const struct rule *b)
{
	enum rule_added added = RULE_ADDED;
	struct rule both;

	rule_copy(&both, a);
	for (size_t i = 0; i < b->test_count && added != RULE_NEVER; i++)
		added = rule_add_test(&both, &b->tests[i]);
	rule_free(&both);
	return added != RULE_NEVER;
}

static bool is_same_set(const struct rule_test *a, const struct rule_test *b)
{
	return a->op == RULE_IN && b->op == RULE_IN && a->arg == b->arg &&
	       a->mask == b->mask;
}

bool rule_join(struct rule *a, const struct rule *b)
{
	size_t differing = a->test_count;

	if (a->action != b->action || a->test_count != b->test_count)
		return false;
	for (size_t i = 0; i < a->test_count; i++) {
		if (compare_tests(&a->tests[i], &b->tests[i]) == 0)
			continue;
		if (differing != a->test_count ||
		    !is_same_set(&a->tests[i], &b->tests[i]))
			return false;
		differing = i;
	}
	if (differing == a->test_count)
		return true;
	if (a->tests[differing].count + b->tests[differing].count >
	    RULE_VALUES_MAX)
		return false;
	add_values(&a->tests[differing], &b->tests[differing]);
	return true;
}
