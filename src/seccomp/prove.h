#ifndef SECCOMP_PROVE_H
#define SECCOMP_PROVE_H

/*
 * prove: that a filter answers every call as its policy says.
 *
 * The filter is run on each number there is (and, for numbers beyond the
 * table, on both sides of every constant it compares with), on foreign
 * architectures, and, for calls whose arguments matter, on the boundaries of
 * every test, those of the policy and those that the program itself draws. What
 * a run did not load cannot matter, and every run's loads are checked too: so
 * one run settles a call that no rule concerns.
 */
struct err;
struct filter;
struct policy;

/*
 * Returns 0 when the filter agrees with the policy everywhere; whether it is
 * gated its flags say. guards, of guards_make(), may be NULL: the policy is
 * all there is. Otherwise -1, and the error names the call, its arguments,
 * what was expected and what the filter answered.
 */
int prove_filter(const struct filter *filter, const struct policy *policy,
		 const struct policy *guards, struct err *err);

#endif
