#ifndef TOOL_BUILD_H
#define TOOL_BUILD_H

/*
 * build: from a recipe to an archive, in one straight line. This is where the
 * image and the filter meet, which do not know each other.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/sum.h"

struct buf;
struct closure_program;
struct err;
struct recipe;

struct build {
	/* in */
	struct recipe *recipe;
	const char *output; /* the archive's path */
	const char *init;   /* a pith-init, or NULL: find one */
	int level;	    /* of compression */
	/* out */
	struct sum manifest;   /* its digest, which names the image */
	uint64_t archive_size; /* bytes */
	size_t calls;	       /* that the filter allows */
};

/* Build the image; build->output appears complete or not at all. */
int build_image(struct build *build, struct err *err);

/*
 * Append service.conf and service.bpf alone, of the recipe's service and for
 * that program, and count its calls.
 */
int build_parts(struct buf *conf, struct buf *filter, struct build *build,
		const struct closure_program *program, struct err *err);

/* Print what was built: two lines, the second one pushes it. */
void build_print(const struct build *build);

#endif
