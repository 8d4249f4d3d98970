#ifndef KERNEL_SPAWN_H
#define KERNEL_SPAWN_H

/* spawn: starting a program under a filter that lets it start only once. */
#include <stdint.h>
#include <sys/types.h>

enum { SPAWN_COOKIE_WORDS = 4 };

/*
 * Fork a child that shares the table of descriptors but no memory; the parent
 * sleeps until the child executes a program or ends. Returns as fork(2) does.
 *
 * Without CLONE_VM what the child draws (the cookie) dies with its old image
 * and was never in the parent. With CLONE_FILES what it opens is simply there
 * in the parent; execve gives the child a table of its own.
 *
 * The child may make raw system calls only and must leave by _exit.
 */
pid_t spawn_fork(void);

/*
 * execve(2) with the cookie in the argument registers that the call does not
 * use: registers 4 and 5 as two 64-bit values, low words first; on 32-bit ARM
 * registers 3, 4 and 5. Returns only on failure, -1 with errno set.
 */
int spawn_exec(const char *path, char *const argv[], char *const envp[],
	       const uint32_t cookie[SPAWN_COOKIE_WORDS]);

#endif
