#ifndef INIT_CONFINE_H
#define INIT_CONFINE_H

/*
 * confine: what of the sandbox this kernel and this engine can give. What they
 * cannot is an error, or, where BestEffort= names the key, a line of the log.
 */
#include <stdint.h>

struct err;
struct plan;

/* The capabilities that AmbientCapabilities= takes of pith-init. */
uint64_t confine_ambient(const struct plan *plan);

/*
 * Make the Landlock ruleset, if there is one to make, and hold what the keys
 * want of capabilities against what pith-init has. Opens the rules' paths.
 */
int confine_make(struct plan *plan, struct err *err);

#endif
