#ifndef TOOL_SEAL_H
#define TOOL_SEAL_H

/*
 * seal: pith around what others built: an image, or a tree in a stage of a
 * Dockerfile.
 */
#include <stddef.h>

struct arch;
struct build;
struct err;

enum { SEAL_PLATFORMS_MAX = 8 };

struct seal {
	const char *input;   /* the archive, or the tree's directory */
	const char *program; /* in the tree; of an image NULL */
	const char *service; /* a service.conf, or NULL */
	/* Of several images those for these, or all; others must be there. */
	const struct arch *archs[SEAL_PLATFORMS_MAX];
	size_t arch_count;
	const char *const *also; /* programs of the tree that it starts */
	size_t also_count;
	const char *reference; /* NAME:TAG for the image, or NULL: its own */
};

/*
 * Seal the archive into build->output, and print what build_print does. build
 * has output, init and codec; its recipe is gone afterwards.
 */
int seal_image(const struct seal *seal, struct build *build, struct err *err);

/* Write /init and /etc/pith into the tree, and print what is left to do. */
int seal_root(const struct seal *seal, struct build *build, struct err *err);

#endif
