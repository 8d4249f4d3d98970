#ifndef SECCOMP_LOADS_H
#define SECCOMP_LOADS_H

/*
 * loads: the libraries that a program opens by itself, with dlopen(3).
 */
struct derive;

/* Add what is opened to derive->opens and derive->notes. */
void loads_find(struct derive *derive);

#endif
