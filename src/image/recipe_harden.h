#ifndef IMAGE_RECIPE_HARDEN_H
#define IMAGE_RECIPE_HARDEN_H

/*
 * recipe_harden: the keys of [Service] that become part of the filter, for
 * recipe.c alone. They are not in the image's service.conf, since pith-init
 * has no part in them; labels tell what was asked for.
 */
#include <stddef.h>

#include "base/slice.h"

struct err;
struct recipe;

/* Note a key, an index of harden_key(). */
void recipe_harden_add(struct recipe *recipe, size_t key, const char *value,
		       unsigned int line);

/*
 * Read the values, once the recipe has named its platform, into
 * recipe->harden, and add the labels.
 */
int recipe_harden_finish(struct recipe *recipe, struct err *err);

/*
 * Lists that begin with ~ deny. systemd means the whole line by it, so each
 * word of SystemCallFilter= gets its own, or its error ("name:EIO"). Returns
 * the value to go on with, which the recipe keeps.
 */
char *recipe_harden_words(struct recipe *recipe, char *value);

#endif
