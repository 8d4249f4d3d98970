#ifndef SECCOMP_LOOKUPS_H
#define SECCOMP_LOOKUPS_H

/*
 * lookups: the functions that a program finds by name, with dlsym(3).
 */
struct reach;

/*
 * Add to what is reached the functions whose names reach dlsym(3). Where one
 * of its callers cannot be followed, every text in any file may be a name.
 */
void lookups_add(struct reach *reach);

#endif
