/* The comparisons of arguments in a profile. */
#include <string.h>

#include "arch/arch.h"
#include "arch/argument.h"
#include "base/err.h"
#include "seccomp/oci_json.h"
#include "seccomp/oci_name.h"
#include "seccomp/word.h"

static int read_value(uint64_t *out, const json_t *object, const char *key,
		      struct err *err)
{
	const json_t *value = oci_member(object, key);

	if (value && !json_is_integer(value))
		return err_set(err, 0, "%s: not a number", key);
	*out = (uint64_t)json_integer_value(value);
	return 0;
}

/* A negative int may be written with 64 bits. Returns false for what is wide. */
static bool narrow(uint64_t *value, const struct argument *argument)
{
	uint64_t mask = argument_mask(argument);
	uint64_t sign = (mask >> 1) + 1;

	if ((*value & ~mask) == ~mask && *value & sign)
		*value &= mask;
	return !(*value & ~mask);
}

static enum rule_added add_order(struct rule *rule, struct rule_test *test,
				 enum oci_compare compare)
{
	uint64_t *bound = &test->values[0];
	bool is_past = compare == OCI_LE || compare == OCI_GT;

	test->op = compare == OCI_LT || compare == OCI_LE ? RULE_BELOW
							  : RULE_FROM;
	if (is_past && *bound == test->mask)
		return compare == OCI_LE ? RULE_ALWAYS : RULE_NEVER;
	*bound += is_past;
	return rule_add_test(rule, test);
}

/* No argument gets to a value that has more bits than it. */
static enum rule_added beyond(enum oci_compare compare)
{
	return compare == OCI_NE || compare == OCI_LT || compare == OCI_LE
		       ? RULE_ALWAYS
		       : RULE_NEVER;
}

static enum rule_added add_compared(struct rule *rule,
				    const struct argument *argument,
				    struct rule_test *test,
				    enum oci_compare compare)
{
	bool fits = narrow(&test->values[0], argument);

	test->count = 1;
	if (!fits || test->values[0] & ~test->mask)
		return beyond(compare);
	switch (compare) {
	case OCI_MASKED_EQ:
		return test->mask ? rule_add_test(rule, test) : RULE_ALWAYS;
	case OCI_EQ:
	case OCI_NE:
		test->op = compare == OCI_NE ? RULE_NOT_IN : RULE_IN;
		return rule_add_test(rule, test);
	default:
		return add_order(rule, test, compare);
	}
}

static int read_index(uint8_t *out, const json_t *object, struct err *err)
{
	const json_t *index = oci_member(object, "index");

	if (!json_is_integer(index) || json_integer_value(index) < 0 ||
	    json_integer_value(index) >= ARGUMENTS)
		return err_set(err, 0, "index: not a number from 0 to 5");
	*out = (uint8_t)json_integer_value(index);
	return 0;
}

int oci_argument(enum rule_added *added, struct rule *rule,
		 const struct arch *arch, const json_t *object, struct err *err)
{
	struct rule_test test = { .op = RULE_IN };
	enum oci_compare compare;
	uint64_t one = 0, two = 0;
	const char *op;

	if (read_index(&test.arg, object, err) < 0 ||
	    oci_text(&op, object, "op", err) < 0 ||
	    read_value(&one, object, "value", err) < 0 ||
	    read_value(&two, object, "valueTwo", err) < 0)
		return -1;
	if (!op || !oci_compare(&compare, op))
		return err_set(err, 0, "'%s': no comparison",
			       word_shown(slice_from(op ? op : "")).text);
	struct argument argument = argument_at(
		arch, slice_from(arch_syscall_name(arch, rule->nr)), test.arg);

	test.mask = argument_mask(&argument);
	test.values = &one;
	if (compare == OCI_MASKED_EQ) {
		test.mask &= one;
		test.values = &two;
	}
	*added = add_compared(rule, &argument, &test, compare);
	return 0;
}
