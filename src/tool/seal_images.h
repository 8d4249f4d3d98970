#ifndef TOOL_SEAL_IMAGES_H
#define TOOL_SEAL_IMAGES_H

/*
 * seal_images: the images of an archive that are to be sealed, each with its
 * machine, and the index that lists them, where there is one.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "image/reader_set.h"

struct arch;
struct archive;
struct err;
struct manifest;
struct reader;
struct reader_image;
struct recipe;
struct seal;

enum { SEAL_IMAGES_MAX = 8 };

struct seal_images {
	const struct reader *reader;
	struct reader_set set;
	bool is_set;	/* they stay entries of an index */
	bool is_chosen; /* nothing else of it stays */
	const struct arch *archs[SEAL_IMAGES_MAX];
	const json_t *entries[SEAL_IMAGES_MAX]; /* NULL: the archive's image */
	size_t count;
	size_t left_out; /* attestations and the like */
};

/*
 * Find those for the platforms that seal names, or all. A platform that pith
 * does not know is an error unless others are named. seal_images_free() is
 * owed, also after a failure.
 */
int seal_images_find(struct seal_images *out, const struct reader *reader,
		     const struct seal *seal, struct err *err);

/*
 * Read the i-th image, and note its machine where only the image tells.
 * reader_image_free() is owed, also after a failure.
 */
int seal_images_read(struct reader_image *out, struct seal_images *images,
		     size_t i, struct err *err);

/* Whether the archive has an image for that machine, chosen or not. */
bool seal_images_list(const struct seal_images *images,
		      const struct arch *arch);

/*
 * The images of a set have become those of manifests, in their order: make
 * the index anew, and copy into the archive what else it lists, but for what
 * is about the images as they were, which left_out counts.
 */
int seal_images_join(struct manifest *out, struct archive *archive,
		     struct seal_images *images,
		     const struct manifest *manifests,
		     const struct recipe *recipe, struct err *err);
void seal_images_free(struct seal_images *images);

#endif
