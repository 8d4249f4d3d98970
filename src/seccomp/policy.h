#ifndef SECCOMP_POLICY_H
#define SECCOMP_POLICY_H

/*
 * policy: which system calls a program may make, as a set for one
 * architecture. The text format is docs/pith-policy.5.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct arch;
struct buf;
struct err;

enum { POLICY_NR_MAX = 1024 };

struct policy {
	const struct arch *arch;
	uint64_t allowed[POLICY_NR_MAX / 64]; /* bit nr: call nr is allowed */
};

/* An empty policy that holds only the calls that are always needed. */
void policy_init(struct policy *policy, const struct arch *arch);

/*
 * Add one word: a system call's name or @group. A name that other
 * architectures know and this one lacks adds nothing; any other unknown name
 * is an error that names the nearest known one.
 */
int policy_add(struct policy *policy, struct slice word, struct err *err);

/* Add every word of a policy text; messages carry the line number. */
int policy_parse(struct policy *policy, struct slice text, struct err *err);

bool policy_allows(const struct policy *policy, uint32_t nr);

/* How many calls the policy allows. */
size_t policy_count(const struct policy *policy);

/* The canonical text: the allowed calls' names, sorted, one per line. */
void policy_print(struct buf *out, const struct policy *policy);

#endif
