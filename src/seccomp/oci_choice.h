#ifndef SECCOMP_OCI_CHOICE_H
#define SECCOMP_OCI_CHOICE_H

/*
 * oci_choice: one test of a policy in the comparisons that a profile has, for
 * oci_export.c alone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seccomp/oci_name.h"

struct arch;
struct err;
struct rule_test;

/* One comparison of one argument: what a rule of a profile can hold. */
struct oci_compared {
	unsigned int index;
	enum oci_compare compare;
	uint64_t value;
	uint64_t two;
};

/* The comparisons of which one has to hold, for one argument. */
struct oci_choice {
	size_t count;
	struct oci_compared *at;
};

/* The call that is written. */
struct oci_call {
	const struct arch *arch;
	const char *name;
	bool is_inexact; /* an int is compared with 64 bits */
};

/*
 * Find the ways in which a test can hold. The caller frees choice->at. A test
 * that no choice of comparisons says is an error.
 */
int oci_choose(struct oci_choice *choice, struct oci_call *call,
	       const struct rule_test *test, struct err *err);

/* The error for what the format cannot say. Returns -1. */
int oci_too_much(const struct oci_call *call, struct err *err);

#endif
