#ifndef SECCOMP_TWICE_H
#define SECCOMP_TWICE_H

/*
 * twice: functions that return a second time, such as setjmp(3) and vfork(2).
 * Then memory is as it was left, wherever that was; registers are as they were.
 */
#include "seccomp/reach.h"

enum { TWICE_MAX = 64 };

struct twice {
	size_t count;
	bool is_full;	/* there are more */
	bool is_static; /* without its symbols they have no names */
	uint64_t at[TWICE_MAX];
};

void twice_find(struct twice *out, const struct program *program);

/* Whether an instruction calls one of them, or loads its address. */
bool twice_uses(const struct twice *twice, const struct reach *reach,
		const struct insn *insn, uint64_t at);

#endif
