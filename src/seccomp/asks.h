#ifndef SECCOMP_ASKS_H
#define SECCOMP_ASKS_H

/*
 * asks: what a program's files do not tell of the libraries that it opens,
 * and the files of an image or of a machine do.
 */
#include "seccomp/derive.h"

/* Only a program with a loader finds libraries as the known ones do. */
bool asks_can(const struct program *program);

/* Whether what the module opens is known by its source. */
bool asks_answer_for(const struct program *program,
		     const struct module *module);

/* The same of one call at that place alone. */
bool asks_answer_at(const struct reach *reach, const struct module *module,
		    uint64_t at);

/* Ask once for what the module of the code at that address opens. */
void asks_add(struct derive *derive, const struct known *known,
	      struct slice name, uint64_t at);

/* Ask for what is reached of the known ones; where nobody can tell, note it. */
void asks_find(struct derive *derive);

/* What those that are opened will call is called, as soon as they may be. */
void asks_add_calls(struct reach *reach);

#endif
