#ifndef TOOL_PACKAGES_H
#define TOOL_PACKAGES_H

/* packages: which package of the machine each derived file comes from. */
#include <jansson.h>

struct recipe;

/*
 * Add "package" and "version" to each of the programs' parts (derived.h) whose
 * source a Debian package of the recipe's root owns.
 */
void packages_add(json_t *programs, const struct recipe *recipe);

#endif
