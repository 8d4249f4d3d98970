#include "seccomp/oci_choice.h"

#include "arch/arch.h"
#include "arch/argument.h"
#include "base/buf.h"
#include "base/err.h"
#include "seccomp/rule.h"

enum { GAP_MAX = 64 }; /* values between two that are written singly */

static void offer(struct oci_choice *choice, struct oci_compared compared)
{
	choice->at = mem_grow(choice->at, choice->count + 1,
			      sizeof(*choice->at));
	choice->at[choice->count++] = compared;
}

static void offer_equal(struct oci_choice *choice, const struct rule_test *test,
			uint64_t value)
{
	bool is_whole = test->mask == UINT64_MAX;

	offer(choice, (struct oci_compared){
			      test->arg, is_whole ? OCI_EQ : OCI_MASKED_EQ,
			      is_whole ? value : test->mask, value });
}

/* Some bit of the mask is another one. */
static void offer_other_bits(struct oci_choice *choice,
			     const struct rule_test *test)
{
	for (int bit = 0; bit < 64; bit++) {
		uint64_t one = (uint64_t)1 << bit;

		if (test->mask & one)
			offer(choice, (struct oci_compared){
					      test->arg, OCI_MASKED_EQ, one,
					      ~test->values[0] & one });
	}
}

int oci_too_much(const struct oci_call *call, struct err *err)
{
	return err_set(err, 0,
		       "%s: the format compares an argument once a rule, and "
		       "this takes more",
		       call->name);
}

/* From first up to the value before end, neither of which is a boundary. */
static int offer_gap(struct oci_choice *choice, const struct oci_call *call,
		     const struct rule_test *test, uint64_t first, uint64_t end,
		     struct err *err)
{
	if (end - first > GAP_MAX)
		return oci_too_much(call, err);
	for (uint64_t value = first; value != end; value++)
		offer_equal(choice, test, value);
	return 0;
}

/* Whole arguments that are none of several values. */
static int offer_outside(struct oci_choice *choice, struct oci_call *call,
			 const struct rule_test *test, struct err *err)
{
	uint64_t first = test->values[0];
	uint64_t last = test->values[test->count - 1];

	if (first)
		offer(choice,
		      (struct oci_compared){ test->arg, OCI_LT, first, 0 });
	for (size_t i = 1; i < test->count; i++)
		if (offer_gap(choice, call, test, test->values[i - 1] + 1,
			      test->values[i], err) < 0)
			return -1;
	if (last != test->mask)
		offer(choice,
		      (struct oci_compared){ test->arg, OCI_GT, last, 0 });
	call->is_inexact |= test->mask != UINT64_MAX;
	return 0;
}

static bool is_whole(const struct oci_call *call, const struct rule_test *test)
{
	struct argument argument = argument_at(
		call->arch, slice_from(call->name), test->arg);

	return test->mask == argument_mask(&argument);
}

static int offer_not_in(struct oci_choice *choice, struct oci_call *call,
			const struct rule_test *test, struct err *err)
{
	if (!is_whole(call, test)) {
		if (test->count > 1)
			return oci_too_much(call, err);
		offer_other_bits(choice, test);
		return 0;
	}
	if (test->count > 1)
		return offer_outside(choice, call, test, err);
	offer(choice,
	      (struct oci_compared){ test->arg, OCI_NE, test->values[0], 0 });
	call->is_inexact |= test->mask != UINT64_MAX;
	return 0;
}

/* The ways in which a test can hold. */
int oci_choose(struct oci_choice *choice, struct oci_call *call,
	       const struct rule_test *test, struct err *err)
{
	switch ((enum rule_op)test->op) {
	case RULE_IN:
		for (size_t i = 0; i < test->count; i++)
			offer_equal(choice, test, test->values[i]);
		return 0;
	case RULE_NOT_IN:
		return offer_not_in(choice, call, test, err);
	case RULE_BELOW:
	case RULE_FROM:
		call->is_inexact |= test->mask != UINT64_MAX;
		offer(choice, (struct oci_compared){
				      test->arg,
				      test->op == RULE_BELOW ? OCI_LT : OCI_GE,
				      test->values[0], 0 });
		return 0;
	}
	return 0;
}
