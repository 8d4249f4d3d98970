#ifndef SECCOMP_REGIONS_H
#define SECCOMP_REGIONS_H

/*
 * regions: where the functions of a module begin and end, out of its unwind
 * table, its sized symbols and, for Go, its function table.
 */
struct module;

/* Fill module->regions. */
void regions_find(struct module *module);

#endif
