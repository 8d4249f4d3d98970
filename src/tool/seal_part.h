#ifndef TOOL_SEAL_PART_H
#define TOOL_SEAL_PART_H

/*
 * seal_part: what sealing one image comes to, before anything is written: of
 * an archive for several platforms there is one for each.
 */
#include <jansson.h>

#include "image/plan.h"
#include "image/reader.h"
#include "image/recipe.h"
#include "tool/seal_images.h"

struct archive;
struct build;
struct err;
struct manifest;
struct seal;

struct seal_part {
	struct reader_image image;
	struct recipe recipe;
	char *text;	   /* a copy of --service; recipe points into it, */
	char *reference;   /* into this, */
	json_t *words;	   /* these */
	struct buf name;   /* and these two */
	struct buf path;   /* of the program */
	struct buf filter; /* compiled */
	struct plan plan;  /* the layer on top */
};

/* What all of them are made from. */
struct seal_job {
	const struct seal *seal;
	char *service; /* the text of --service, or NULL */
	struct build *build;
	struct reader reader;
	struct seal_images images;
};

/*
 * Fill the part with the i-th image and what it needs, and of build what
 * build_parts fills; build's recipe becomes this one's. seal_part_free() is
 * owed, also after a failure.
 */
int seal_part_make(struct seal_part *part, struct seal_job *job, size_t i,
		   struct err *err);

/* Write its layers into the archive, and make its documents. */
int seal_part_write(struct manifest *out, struct archive *archive,
		    const struct seal_part *part, const struct seal_job *job,
		    struct err *err);

void seal_part_free(struct seal_part *part);

#endif
