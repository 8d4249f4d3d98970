#ifndef IMAGE_STACK_H
#define IMAGE_STACK_H

/*
 * stack: which layers an image gets of its plan. Those below the program's are
 * for sharing: by the next version of the image, and by others on the same
 * base. What is too small for a request and a mount of its own goes into the
 * next layer up. That depends on what it holds and on nothing above it, so
 * images on one base agree about it.
 */
#include <stddef.h>

#include "image/plan.h"

enum { STACK_SMALL = 256 * 1024 }; /* bytes of tar; less is no layer */

/* For layer_write(): everything in one layer. */
#define STACK_ALL (~0U)

struct stack {
	size_t count;
	unsigned int layers[PLAN_LAYERS]; /* bits of enum plan_layer each */
};

/* The layers of a finished plan, the lowest first; at least one. */
void stack_of(struct stack *out, const struct plan *plan);

/* What layer i is made of, by its topmost part; NULL where it is the only one. */
const char *stack_name(const struct stack *stack, size_t i);

#endif
