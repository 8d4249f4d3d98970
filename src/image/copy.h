#ifndef IMAGE_COPY_H
#define IMAGE_COPY_H

/*
 * copy: host files and trees into a plan. What the host has is not trusted,
 * and of its attributes only "executable" shows: directories and programs
 * become 0755, other files 0644, all owned by root unless said otherwise, so
 * that neither the builder's umask nor user leaks.
 */
#include <stdbool.h>
#include <stdint.h>

#include "image/plan.h"

struct err;
struct recipe;

struct copy {
	const char *from; /* on the host */
	const char *to;	  /* in the image, no slash at its end */
	bool has_mode;	  /* for regular files; then setuid is accepted */
	bool has_owner;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	const char *caps; /* as in struct plan_entry */
	enum plan_layer layer;
	bool is_copied; /* what ELF files of it need comes along */
	bool is_needed; /* as in struct plan_entry */
	const char *origin;
	unsigned int line;
	/* Which names directly below a directory to take; NULL: all. */
	bool (*keep)(const char *name);
};

/*
 * Add the file or directory tree that from names, which may be a symlink;
 * symlinks inside a tree stay what they are. Devices, sockets and pipes are
 * errors. *is_missing, if not NULL, tells whether from does not exist.
 */
int copy_add(struct plan *plan, const struct copy *copy, bool *is_missing,
	     struct err *err);

/* Add what the recipe's Copy= and Link= lines name. Messages begin with FILE:LINE. */
int copy_add_recipe(struct plan *plan, const struct recipe *recipe,
		    struct err *err);

#endif
