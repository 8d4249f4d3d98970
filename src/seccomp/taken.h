#ifndef SECCOMP_TAKEN_H
#define SECCOMP_TAKEN_H

/*
 * taken: the addresses that the code of one function takes, by which it is
 * known again: those of its texts.
 */
#include "seccomp/reach.h"

/*
 * Call visit for each address that code of the region takes which is reached,
 * as often as it does.
 */
void taken_each(const struct reach *reach, const struct module *module,
		const struct region *region,
		void (*visit)(void *context, const struct module *module,
			      uint64_t address),
		void *context);

/* Whether the function around a place takes a text that ends so. */
bool taken_text(const struct reach *reach, uint64_t at, const char *ending);

/*
 * The one text that begins with a slash in functions that take that address;
 * *at is where it lies. False where there is none, or several.
 */
bool taken_path_beside(struct slice *out, uint64_t *at,
		       const struct reach *reach, uint64_t address);

#endif
