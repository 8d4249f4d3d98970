#ifndef SECCOMP_TREE_H
#define SECCOMP_TREE_H

/*
 * tree: a binary search over call numbers. Numbers in a row that get the same
 * answer are one range, so a filter has about as many comparisons as there
 * are changes of the answer, and a call costs the logarithm of that.
 */
#include <stddef.h>
#include <stdint.h>

struct emit;

struct tree_range {
	uint32_t first;	 /* up to the next range's first, less one */
	size_t place;	 /* where to go on, or 0: return the action */
	uint32_t action; /* SECCOMP_RET_* */
};

/*
 * Write the search for the number in A. The ranges, at least one, begin at 0
 * and ascend. Returns the place where it starts.
 */
size_t tree_emit(struct emit *emit, const struct tree_range *ranges,
		 size_t count);

#endif
