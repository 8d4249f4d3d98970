#ifndef INIT_EXPLAIN_H
#define INIT_EXPLAIN_H

/* explain: what pith-init would do, in words on standard output. */
struct plan;

/* The plan, step by step. */
void explain_plan(const struct plan *plan);

/*
 * What the kernel and the engine give, beside what the plan needs of them.
 * Returns 0, or 1 where something is missing.
 */
int explain_kernel(const struct plan *plan);

#endif
