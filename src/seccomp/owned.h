#ifndef SECCOMP_OWNED_H
#define SECCOMP_OWNED_H

/*
 * owned: tables of functions in a library that nobody gets to but by certain
 * functions of the same library. What they hold counts once code that is
 * reached names a place in them.
 *
 * Which they are is known from the library's sources; the file itself has to
 * agree in every point, else its tables count from the beginning, as all do.
 */
#include "seccomp/reach.h"

/* Find the tables of all modules; before anything is reached. */
void owned_find(struct reach *reach);

/* Whether that address is in a table that nobody has named yet. */
bool owned_waits(const struct reach *reach, uint64_t address);

/* Reached code names an address: what waits there counts from now on. */
void owned_see(struct reach *reach, uint64_t address);

#endif
