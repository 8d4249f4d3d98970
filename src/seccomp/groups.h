#ifndef SECCOMP_GROUPS_H
#define SECCOMP_GROUPS_H

/*
 * groups: names for sets of system calls, as one const table.
 *
 * Where the name is systemd's the calls are systemd's too (those that one of
 * pith's architectures has), with two exceptions: no group holds execve or
 * execveat, so that no group opens the gate, and @default is pith's own.
 * @base is what systemd calls @default, less execve.
 */
#include <stddef.h>

#include "base/slice.h"

struct group {
	const char *name;  /* with its @ */
	const char *about; /* one line for people */
	const char *calls; /* names, @groups and, behind them, ~names */
	const char
		*rules; /* lines with conditions for further calls, or NULL */
};

/* Sorted by name. */
extern const struct group groups[];
extern const size_t groups_count;

/* The group of that name, or NULL. */
const struct group *group_find(struct slice name);

#endif
