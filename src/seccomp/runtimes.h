#ifndef SECCOMP_RUNTIMES_H
#define SECCOMP_RUNTIMES_H

/*
 * runtimes: programs that run other programs' text. What they call is not in
 * their own code.
 */
#include "seccomp/program.h"

/* The language that one of the modules runs, or NULL. */
const char *runtimes_find(const struct program *program);

#endif
