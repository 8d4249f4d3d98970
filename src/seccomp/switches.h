#ifndef SECCOMP_SWITCHES_H
#define SECCOMP_SWITCHES_H

/*
 * switches: the jump tables whose address a function keeps in a register from
 * its beginning on, found by following that back.
 */
struct reach;

/* Read the tables of reach->switches, and what that makes run, to the end. */
void switches_read(struct reach *reach);

#endif
