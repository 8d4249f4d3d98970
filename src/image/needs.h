#ifndef IMAGE_NEEDS_H
#define IMAGE_NEEDS_H

/*
 * needs: what the programs and libraries of an image need to start: the
 * loader, libraries, and the symbolic links that lead to them.
 */
struct err;
struct libraries;
struct plan;
struct plan_entry;
struct recipe;
struct root;

/*
 * Add to the finished plan what every dynamic ELF file needs that the recipe
 * has copied, and what Needs= names, from the root at the same paths; and
 * finish it again. What the plan has by those paths already stays. Files for
 * another architecture are let alone.
 */
int needs_add(struct plan *plan, const struct recipe *recipe,
	      const struct root *root, struct err *err);

/*
 * What the program entry of a plan with its needs is made of, with what
 * Needs= names if it is the service's. All must be in the plan: as in the
 * image, there is nothing else. libraries_close() is owed; nothing can be
 * added.
 */
int needs_find(struct libraries *out, const struct plan *plan,
	       const struct recipe *recipe, const struct plan_entry *entry,
	       struct err *err);

#endif
