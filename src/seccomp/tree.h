#ifndef SECCOMP_TREE_H
#define SECCOMP_TREE_H

/*
 * tree: libseccomp's part of a filter, a binary tree over call numbers.
 */
#include <stddef.h>
#include <stdint.h>

struct err;
struct filter_insn;

struct tree_rule {
	uint32_t nr;	 /* below 0x40000000 */
	uint32_t action; /* SECCOMP_RET_*, other than the default's */
};

/*
 * Store the instructions that return the action of the call whose number is
 * in A, or otherwise for numbers without a rule; jumps stay inside. *count
 * holds the room in insns and becomes the number stored.
 *
 * The same rules give the same instructions on every host: numbers go in and
 * come out as they are, whatever machine libseccomp takes them for.
 */
int tree_make(struct filter_insn *insns, size_t *count,
	      const struct tree_rule *rules, size_t rule_count,
	      uint32_t otherwise, struct err *err);

#endif
