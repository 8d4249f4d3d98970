#ifndef SECCOMP_GUARDS_H
#define SECCOMP_GUARDS_H

/*
 * guards: what a filter refuses of the calls that a policy allows: always, and
 * what the keys of harden.h ask for. They are a policy themselves, of which
 * only the rules count.
 */
#include <stdbool.h>

struct err;
struct harden;
struct policy;

/* Make the guards for a policy; harden may be NULL. policy_free() is owed. */
int guards_make(struct policy *guards, const struct policy *policy,
		const struct harden *harden, struct err *err);

/*
 * Add them to a policy. A guard with a condition concerns a call that the
 * policy allows, and is one more rule of it; one without replaces what the
 * policy says. Fails when there are too many rules.
 */
int guards_apply(struct policy *policy, const struct policy *guards,
		 struct err *err);

#endif
