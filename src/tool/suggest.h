#ifndef TOOL_SUGGEST_H
#define TOOL_SUGGEST_H

/*
 * suggest: a recipe to start from, with a comment on each choice, from what a
 * program's file says and, where it was tried, from what it did.
 */
#include <stddef.h>

struct buf;
struct err;
struct trial;

struct suggest {
	const char *program;	   /* its path, as it is to stand in Copy= */
	char **args;		   /* ends with NULL */
	const struct trial *trial; /* or NULL */
};

/*
 * Append the text, which recipe_parse() reads. Fails for what is no program,
 * and for a name that no image can have.
 */
int suggest_recipe(struct buf *out, const struct suggest *suggest,
		   struct err *err);

#endif
