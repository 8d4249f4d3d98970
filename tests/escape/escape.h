/*
 * escape: attempts to get out of a sandbox, or to reach what a sandbox ought to
 * close. An attempt is made in a process of its own and says with one line how
 * it ended; a death by signal is told by whoever waits for that process.
 *
 * Attempts that would do harm are made with an argument that is wrong and that
 * the kernel looks at only after it has asked for privileges.
 */
#ifndef ESCAPE_ESCAPE_H
#define ESCAPE_ESCAPE_H

#include <stddef.h>

struct attempt {
	const char *name;
	/* Returns 0 or more: reached; -1 with errno: stopped. NULL: call nr. */
	long (*run)(const struct attempt *attempt);
	long nr;
	long args[6];
	int past; /* errno that means reached: the argument was the fault */
	const char *path;
};

struct theme {
	const char *name;
	const struct attempt *attempts;
	size_t count;
};

#define THEME(what, table)                                      \
	{                                                       \
		what, table, sizeof(table) / sizeof((table)[0]) \
	}

/* An address as an argument of a call. */
#define AT(p) ((long)(p))

extern const struct theme abi_theme, exec_theme, file_theme, gate_theme,
	high_bit_theme, identity_theme, kernel_theme, memory_theme, mount_theme,
	namespace_theme, pid1_theme, reexec_theme, registers_theme,
	socket_theme, terminal_theme, trace_theme;

/*
 * What an attempt needs before it can be made. Returns result; if that is
 * negative tells errno and what, and ends the process.
 */
long need(long result, const char *what);

#endif
