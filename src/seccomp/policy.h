#ifndef SECCOMP_POLICY_H
#define SECCOMP_POLICY_H

/*
 * policy: what a program gets for each system call, for one architecture. The
 * text format is docs/pith-policy.5.
 *
 * Most calls are allowed or not, which is a bit each. Others have rules, in
 * rule_compare()'s order: the first whose tests hold counts, so of several
 * that hold the strictest does, and one without tests says what holds
 * otherwise. Where none counts the call gets what unlisted calls get.
 *
 * Memory is held for rules only: policy_free() is owed once there may be some.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct arch;
struct buf;
struct err;
struct policy_include;
struct rule;

enum { POLICY_NR_MAX = 1024, POLICY_RULES_MAX = 4096 };

struct policy {
	const struct arch *arch;
	uint32_t otherwise; /* what unlisted calls get; errno EPERM */
	uint64_t allowed[POLICY_NR_MAX / 64]; /* by slot, policy_slot() */
	size_t rule_count;
	struct rule *rules; /* by nr, then rule_compare() */
};

#define auto_policy __attribute__((cleanup(policy_free)))

/* A policy that holds only the calls that are always needed. */
void policy_init(struct policy *policy, const struct arch *arch);

/* One that holds nothing, for a source that lists those as well. */
void policy_init_bare(struct policy *policy, const struct arch *arch);

void policy_free(struct policy *policy);
void policy_copy(struct policy *to, const struct policy *from);

/*
 * Add one statement of the text: a name, @group, ~name, "read:EIO" and so on.
 * What it says of a call replaces what the policy said. A name that other
 * architectures know and this one lacks adds nothing; any other unknown name
 * is an error that names the nearest known one. On failure nothing changes.
 */
int policy_add(struct policy *policy, struct slice word, struct err *err);

/* Add a policy text, which includes none; messages carry the line number. */
int policy_parse(struct policy *policy, struct slice text, struct err *err);

/* As policy_parse, with files to include; NULL: none. */
int policy_read(struct policy *policy, struct slice text,
		const struct policy_include *include, struct err *err);

/* Whether the call is allowed, at least with some arguments. */
bool policy_allows(const struct policy *policy, uint32_t nr);

/* Every call of the table gets this: SECCOMP_RET_* with its data. */
uint32_t policy_action(const struct policy *policy, uint32_t nr,
		       const uint64_t args[6]);

/* What the call gets where no rule with tests counts. */
uint32_t policy_fallback(const struct policy *policy, uint32_t nr);

/* The rules of one call. Returns the first; *count may be 0. */
const struct rule *policy_rules(const struct policy *policy, uint32_t nr,
				size_t *count);

/* How many calls the policy allows. */
size_t policy_count(const struct policy *policy);

/* The canonical text: a line a call or rule, sorted. */
void policy_print(struct buf *out, const struct policy *policy);

#endif
