#ifndef SECCOMP_CONDITION_H
#define SECCOMP_CONDITION_H

/*
 * condition: the tests of a rule as text, "domain in AF_INET AF_UNIX and type
 * & 0xf != SOCK_RAW". docs/pith-policy.5 has the grammar.
 */
#include "base/slice.h"

struct arch;
struct buf;
struct err;
struct rule;

/*
 * Add the tests that the text states to *rule, which is of the named call.
 * The caller owes rule_free() either way. A condition that never or always
 * holds is an error.
 */
int condition_parse(struct rule *rule, const struct arch *arch,
		    struct slice call, struct slice text, struct err *err);

/* Append the tests, of which there is at least one, as condition_parse reads. */
void condition_print(struct buf *out, const struct arch *arch,
		     const struct rule *rule);

#endif
