#ifndef TOOL_BUILD_H
#define TOOL_BUILD_H

/*
 * build: from a recipe to an archive, in one straight line. This is where the
 * image and the filter meet, which do not know each other.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/codec.h"
#include "image/init_file.h"
#include "image/recipe.h"
#include "image/sum.h"
#include "tool/automatic.h"

struct closure_program;
struct err;
struct recipe;

struct build {
	/* in */
	struct recipe *recipe;
	const char *output;	/* the archive's path */
	struct init_files init; /* those chosen */
	struct codec codec;	/* of the layers */
	bool is_chosen;		/* nobody was asked for SystemCallFilter= */
	bool is_locked;		/* refuse what the recipe's lock lacks */
	bool has_referrers;	/* beside the image, in the archive */
	/* in: find and of; out: the rest. automatic_free() is owed. */
	struct automatic automatic;
	/* out */
	struct buf notes; /* lines for people; buf_free() is owed */
	/* Of several platforms, how many the lock refuses, and the first's. */
	size_t refused_count;
	struct err refusal;
	struct sum manifest;   /* what index.json names: image or index */
	uint64_t archive_size; /* bytes */
	size_t calls;	       /* that the filter allows */
	/* The same for each of the recipe's platforms. */
	size_t platform_calls[RECIPE_PLATFORMS_MAX];
	struct recipe_filter platform_filter[RECIPE_PLATFORMS_MAX];
};

/* Build the image; build->output appears complete or not at all. */
int build_image(struct build *build, struct err *err);

/*
 * Everything but the image: what there is to derive for pith update, of the
 * recipe's i-th platform. What was derived for another is freed.
 */
int build_derive(struct build *build, size_t i, struct err *err);

/*
 * For build.c: hold what was derived against the recipe's lock. Of several
 * platforms each is held against it first; build_end_lock() then says no.
 */
int build_check_lock(struct build *build, struct err *err);
int build_end_lock(const struct build *build, struct err *err);

/*
 * Append service.conf and service.bpf alone, of the recipe's service and for
 * that program, and count its calls.
 */
int build_parts(struct buf *conf, struct buf *filter, struct build *build,
		const struct closure_program *program, struct err *err);

/* Note the size of the archive as it is now. */
int build_measure(struct build *build, struct err *err);

/* Print what was built, notes, and last the line that pushes it. */
void build_print(const struct build *build);

/* Its end alone: "exact), starts once", and the notes. */
void build_print_filter(const struct build *build);

void build_free(struct build *build);

#endif
