#ifndef IMAGE_DEBUG_H
#define IMAGE_DEBUG_H

/*
 * debug: a shell and what goes with it, in a layer on top, so that those below
 * are the ones that run in production.
 */
struct err;
struct plan;
struct recipe;
struct root;

/* Add /busybox from the root's static busybox, if the recipe says Debug=yes. */
int debug_add(struct plan *plan, const struct recipe *recipe,
	      const struct root *root, struct err *err);

#endif
