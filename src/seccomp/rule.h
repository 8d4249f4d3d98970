#ifndef SECCOMP_RULE_H
#define SECCOMP_RULE_H

/*
 * rule: what a call gets when its arguments pass some tests. A policy holds
 * several of a call: see policy.h for which of them counts.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RULE_TESTS_MAX = 8, RULE_VALUES_MAX = 512 };

enum rule_op {
	RULE_IN,     /* the masked argument is one of values */
	RULE_NOT_IN, /* it is none of them */
	RULE_BELOW,  /* it is less than the one value, unsigned */
	RULE_FROM,   /* it is that or more */
};

struct rule_test {
	uint8_t arg; /* 0..5 */
	uint8_t op;
	/*
	 * The bits that are compared. What the kernel ignores of an argument
	 * is masked out here already, so nobody else knows of widths.
	 */
	uint64_t mask;
	size_t count;
	uint64_t *values; /* ascending, none twice, no bit outside of mask */
};

struct rule {
	uint32_t nr;
	uint32_t action;   /* SECCOMP_RET_* with its data */
	unsigned int line; /* where it was said, or 0 */
	size_t test_count; /* all have to hold; none: the rule always does */
	struct rule_test tests[RULE_TESTS_MAX]; /* by arg, mask, op */
};

void rule_free(struct rule *rule);
void rule_copy(struct rule *to, const struct rule *from);

enum rule_added {
	RULE_ADDED,
	RULE_NEVER,  /* together with its other tests the rule never holds */
	RULE_ALWAYS, /* the test says nothing and was left out */
	RULE_FULL,   /* too many tests or values */
};

/*
 * Add a test, which is brought into its one canonical form. values may stand
 * in any order. For RULE_NEVER the rule is good for rule_free() only.
 */
enum rule_added rule_add_test(struct rule *rule, const struct rule_test *test);

bool rule_holds(const struct rule *rule, const uint64_t args[6]);

/* Whether action a is stricter than b: kill first, allow last. */
bool rule_is_stricter(uint32_t a, uint32_t b);

/* Whether the action lets the call be made. */
bool rule_lets_pass(uint32_t action);

/* Order of the canonical form: stricter actions first; as strcmp(3). */
int rule_compare(const struct rule *a, const struct rule *b);

/* Whether both can hold at once; of one call. */
bool rule_overlaps(const struct rule *a, const struct rule *b);

/*
 * If the two together say what one rule can say, make a that rule and return
 * true; b may then go. Both concern one call.
 */
bool rule_join(struct rule *a, const struct rule *b);

#endif
