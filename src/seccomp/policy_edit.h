#ifndef SECCOMP_POLICY_EDIT_H
#define SECCOMP_POLICY_EDIT_H

/*
 * policy_edit: changing policies call by call, for those who make them from
 * something else than names: the text, other tools' profiles, guards.
 */
#include "seccomp/policy.h"

/* Whether every program needs the call, so that a text need not name it. */
bool policy_is_implied(struct slice name);

/* Where a number has its bit, or -1 for one that no policy can speak of. */
int policy_slot(const struct arch *arch, uint32_t nr);

/* Whether the call is allowed by name, where no rule counts. */
bool policy_is_listed(const struct policy *policy, uint32_t nr);

/* Give the call one answer, whatever its arguments. */
void policy_set(struct policy *policy, uint32_t nr, uint32_t action);

/* Take away all that is said of the call: it gets what unlisted calls get. */
void policy_clear(struct policy *policy, uint32_t nr);

/*
 * Add a rule, whose memory the policy takes over. A call that was plainly
 * allowed goes on to be, where no rule counts. Returns false, with the rule
 * freed, when the policy has too many.
 */
bool policy_add_rule(struct policy *policy, struct rule *rule);

/* Bring the rules into their canonical form: joined, sorted, none without use. */
void policy_tidy(struct policy *policy);

/*
 * Add what the other policy, of the same architecture, allows. Where they
 * answer a call with different errors or signals the milder one counts.
 */
int policy_merge(struct policy *policy, const struct policy *other,
		 struct err *err);

/* The lines of the canonical text that are about one call of the table. */
void policy_print_call(struct buf *out, const struct policy *policy,
		       uint32_t nr);

/* Add the other policy's rules of one call. */
void policy_add_rules(struct policy *policy, const struct policy *other,
		      uint32_t nr);

/* Replace what is said of one call by what the other policy says. */
void policy_take(struct policy *policy, const struct policy *other,
		 uint32_t nr);

#endif
