#ifndef SECCOMP_ORACLE_H
#define SECCOMP_ORACLE_H

/*
 * oracle: what a filter has to answer, worked out from the policy and its
 * guards alone. It knows neither the compiler nor instructions, so it cannot
 * share their mistakes; it is also the shortest statement of what pith's
 * filters mean.
 */
#include <stdbool.h>
#include <stdint.h>

#include "data/filter.h"
#include "seccomp/policy.h"

struct bpf_data;

enum oracle_role {
	ORACLE_UNKNOWN, /* no call has this number */
	ORACLE_CALL,
	ORACLE_EXECVE,
	ORACLE_EXECVEAT,
};

struct oracle {
	const struct policy *policy;
	const struct policy *guards; /* NULL: none, and execve is a call */
	bool is_gated;		     /* execve needs the cookie */
	uint32_t cookie[FILTER_COOKIE_WORDS]; /* the caller's to fill in */
	/* By number: looked up once, since a proof asks for them often. */
	uint8_t role[POLICY_NR_MAX];
	uint32_t words[POLICY_NR_MAX];
};

void oracle_init(struct oracle *oracle, const struct policy *policy,
		 const struct policy *guards, bool is_gated);

/* The action that the call must get, SECCOMP_RET_* with its data. */
uint32_t oracle_action(const struct oracle *oracle,
		       const struct bpf_data *call);

/* The words of the call, bpf_word() each, that may matter to the action. */
uint32_t oracle_words(const struct oracle *oracle, const struct bpf_data *call);

#endif
