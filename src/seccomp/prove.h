#ifndef SECCOMP_PROVE_H
#define SECCOMP_PROVE_H

/*
 * prove: that a filter answers every call as its policy says.
 *
 * The filter is run on each number there is (and, for numbers beyond the
 * table, on both sides of every constant it compares with), on foreign
 * architectures, and on the arguments that guards and the gate look at. What
 * a run did not load cannot matter, and every run's loads are checked too: so
 * one run settles a call that no guard concerns.
 */
struct err;
struct filter;
struct policy;

/*
 * Returns 0 when the filter agrees with the policy everywhere; whether it is
 * gated its flags say. Otherwise -1, and the error names the call, its
 * arguments, what was expected and what the filter answered.
 */
int prove_filter(const struct filter *filter, const struct policy *policy,
		 struct err *err);

#endif
