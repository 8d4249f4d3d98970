#ifndef IMAGE_READER_SET_H
#define IMAGE_READER_SET_H

/*
 * reader_set: the index of an archive whose one image is several: a manifest
 * for each platform, and beside them perhaps what refers to these, such as
 * bills of materials and attestations.
 */
#include <jansson.h>
#include <stdbool.h>

struct err;
struct reader;

struct reader_set {
	json_t *index; /* the document that lists them */
	json_t *entry; /* of index.json, which leads there; NULL: it is it */
	json_t *names; /* an array of references */
};

/*
 * Find it. Returns 1, or 0 where there is none: a docker-archive, a lone
 * manifest, or images of several names; or -1. reader_set_close() is owed.
 */
int reader_set_open(struct reader_set *out, const struct reader *reader,
		    struct err *err);
void reader_set_close(struct reader_set *set);

/* Whether an entry of the index is an image that a machine can run. */
bool reader_set_is_image(const json_t *entry);

#endif
