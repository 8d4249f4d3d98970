#ifndef IMAGE_RECIPE_KEY_H
#define IMAGE_RECIPE_KEY_H

/*
 * recipe_key: the keys of [Image], for recipe.c alone.
 */
#include <stdbool.h>

#include "base/slice.h"
#include "image/recipe.h"

struct arch;

struct recipe_key {
	const char *name;
	bool is_list; /* may be given again */
	int (*set)(struct recipe *recipe, char *value, unsigned int line,
		   struct err *err);
};

extern const struct recipe_key recipe_keys[];

const struct recipe_key *recipe_key_find(struct slice name);

/* The error for a name that is none; names the nearest. Returns -1. */
int recipe_key_unknown(struct slice name, struct err *err);

/* Make the recipe own text, which is returned. */
char *recipe_keep(struct recipe *recipe, char *text);

/* Add "key=value", which the recipe takes over, to the labels. */
void recipe_add_label(struct recipe *recipe, char *text);

void recipe_add_path(struct recipe *recipe, struct recipe_path path);

/* %a is the architecture, %% a percent sign; nothing else has a meaning. */
int recipe_check_percent(const char *text, struct err *err);

/* Add a word such as linux/arm64, which must not be among them yet. */
int recipe_platform(const struct arch **archs, size_t *count, struct slice word,
		    struct err *err);

/* The error of a value that is no words. Returns -1. */
int recipe_bad_words(struct err *err);

/* Copy=, in a file of its own. */
int recipe_copy_set(struct recipe *recipe, char *value, unsigned int line,
		    struct err *err);

void recipe_add_copy(struct recipe *recipe, struct recipe_copy copy);

#endif
