#ifndef IMAGE_MANIFEST_CONFIG_H
#define IMAGE_MANIFEST_CONFIG_H

/*
 * manifest_config: the config document of a recipe's image, and what it
 * shares with the manifest.
 */
#include <jansson.h>

struct arch;
struct layer;
struct recipe;
struct stack;

/* The document, which the caller owns, or NULL: a text is not UTF-8. */
json_t *manifest_config(const struct recipe *recipe, const struct stack *stack,
			const struct layer *layers);

/* "architecture", "os" and perhaps "variant". */
json_t *manifest_platform(const struct arch *arch);

/* NULL, and json freed, if it could not be filled. */
json_t *manifest_unless(int bad, json_t *json);

#endif
