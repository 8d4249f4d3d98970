#ifndef TOOL_ROOTLESS_H
#define TOOL_ROOTLESS_H

/*
 * rootless: being root of a user namespace where one is not root. The image's
 * users are then subordinate ids of ours (subuid(5)), as with podman.
 */
#include <stdbool.h>

struct err;

/*
 * Start this program again, with the same arguments behind its name, as root
 * of a user namespace, by unshare(1) and newuidmap(1). Returns only on
 * failure, with -1: no subordinate ids, no user namespaces, no unshare.
 */
int rootless_enter(int argc, char **argv, struct err *err);

/* Whether this process is root of a user namespace, not of the machine. */
bool rootless_is_inside(void);

#endif
