#ifndef INIT_CONFINE_H
#define INIT_CONFINE_H

/*
 * confine: what of the sandbox this kernel and this engine can give. What they
 * cannot is an error, or, where BestEffort= names the key, a line of the log.
 */
struct err;
struct plan;

/*
 * Make the Landlock ruleset, if there is one to make, and hold what the keys
 * want of capabilities against what pith-init has. Opens the rules' paths.
 */
int confine_make(struct plan *plan, struct err *err);

#endif
