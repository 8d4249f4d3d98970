#ifndef TOOL_CALLS_H
#define TOOL_CALLS_H

/* calls: which of a machine's calls are a policy's to allow. */
#include <stdbool.h>
#include <stdint.h>

struct arch;

/*
 * Whether a policy is what allows the call: not clone3, which every filter
 * refuses (pith-policy(5)), and not execve or execveat, which AllowExec= opens.
 */
bool calls_is_policys(const struct arch *arch, uint32_t nr);

#endif
