#ifndef SECCOMP_JUDGE_RULES_H
#define SECCOMP_JUDGE_RULES_H

/*
 * judge_rules: the rules of one call as filters of libseccomp, for judge_filter
 * alone.
 */
#include "seccomp/judge.h"

struct rule;

/*
 * A filter whose verdict is "allow" where a part of a rule holds. libseccomp
 * takes one comparison of each argument, and of several values that a test
 * excludes each is one more: such tests are parts of their own.
 */
struct judge_part {
	bool is_excluded; /* the rule holds where this does not */
	struct judge_program program;
};

/* Holds where all its parts do. */
struct judge_rule {
	uint32_t action;
	size_t count;
	struct judge_part *parts;
};

struct judge_rules {
	size_t count;
	struct judge_rule *rules; /* in the policy's order */
};

enum judge_made { JUDGE_FAILED = -1, JUDGE_MADE, JUDGE_BEYOND };

/*
 * The rules with tests of a call. Returns JUDGE_BEYOND for a comparison that
 * libseccomp does not have. judge_rules_free() is owed in each case.
 */
enum judge_made judge_rules_make(struct judge_rules *out,
				 const struct policy *policy, uint32_t nr,
				 struct err *err);

void judge_rules_free(struct judge_rules *rules);

/* The action of the first rule that holds, or otherwise. */
int judge_rules_verdict(uint32_t *action, const struct judge_rules *rules,
			const struct bpf_data *call, struct err *err);

#endif
