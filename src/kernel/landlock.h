#ifndef KERNEL_LANDLOCK_H
#define KERNEL_LANDLOCK_H

/*
 * landlock: rulesets as landlock(7) has them. A ruleset handles rights, which
 * whoever is under it has nowhere but where a rule grants them. Rights are the
 * kernel's LANDLOCK_ACCESS_FS_*, _NET_* and LANDLOCK_SCOPE_*; libc's headers
 * may be older than the kernel, so the numbers are the caller's. Each returns
 * 0 or what is said, or -1 with errno set.
 */
#include <stdbool.h>
#include <stdint.h>

struct landlock_rights {
	uint64_t fs;
	uint64_t net;
	uint64_t scope;
};

/* The version of the interface; ENOSYS or EOPNOTSUPP where there is none. */
int landlock_abi(void);

/* A ruleset that handles those rights: a close-on-exec descriptor. */
int landlock_create(const struct landlock_rights *handled);

/*
 * Grant rights below a directory, or, of them, those that a file can have, on
 * a file. The rule is about what is there now, whatever becomes of its name.
 */
int landlock_allow_path(int ruleset, const char *path, uint64_t fs);

/* Grant rights on a TCP port. */
int landlock_allow_port(int ruleset, uint64_t port, uint64_t net);

/*
 * Put the calling task under the ruleset, for ever. Needs no_new_privs or
 * CAP_SYS_ADMIN. logs: what a program that is started from here on is refused
 * comes into the kernel's audit log (from ABI 7 on).
 */
int landlock_restrict(int ruleset, bool logs);

#endif
