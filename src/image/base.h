#ifndef IMAGE_BASE_H
#define IMAGE_BASE_H

/*
 * base: what an image holds before anything is copied into it, chosen file by
 * file. Paths, modes and contents are those that distroless's structure tests
 * assert, so that what runs there runs here.
 */
struct err;
struct plan;
struct recipe;
struct root;

/*
 * Add the files of recipe->base, libraries aside (needs.h). Those that belong
 * to the distribution are read from the root; a missing one is an error that
 * names its Debian package. Adds SSL_CERT_FILE to the service's environment where the image
 * has certificates and the recipe does not set it.
 */
int base_add(struct plan *plan, struct recipe *recipe, const struct root *root,
	     struct err *err);

#endif
