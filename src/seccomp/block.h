#ifndef SECCOMP_BLOCK_H
#define SECCOMP_BLOCK_H

/*
 * block: the instructions that decide one call by its arguments.
 */
#include <stddef.h>
#include <stdint.h>

struct emit;
struct rule;

/*
 * Write what returns the action of the first rule that holds, or otherwise's.
 * Returns the place where it starts. Only the bits that a test compares are
 * loaded: of most arguments the lower half.
 */
size_t block_emit(struct emit *emit, const struct rule *rules, size_t count,
		  uint32_t otherwise);

#endif
