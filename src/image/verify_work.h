#ifndef IMAGE_VERIFY_WORK_H
#define IMAGE_VERIFY_WORK_H

/*
 * verify_work: what the files of verify share: verify.c for the bytes, the
 * others for the documents. A check returns 0, or -1 with its fault in *err, and
 * verify_note() keeps it; so one fault never hides the next.
 */
#include <jansson.h>
#include <stdbool.h>

#include "image/reader.h"
#include "image/verify.h"

/* A bound on time: an index may name one document many times. */
enum { VERIFY_DOCUMENTS_MAX = 1024 };

struct verify_member {
	bool is_used;	/* something refers to it */
	bool is_summed; /* its digest was checked, with whatever result */
	bool is_read;	/* as a layer: raw holds, or raw_fault is noted */
	bool is_bad;
	struct sum raw; /* digest of the layer's tar */
};

struct verify_work {
	struct verify *out;
	const struct reader *reader;
	struct verify_member *members; /* as reader->members */
	json_t *images;	  /* of each the names of config and layers */
	json_t *names;	  /* full names that the index gives, as keys */
	size_t documents; /* read so far */
	bool is_partial;  /* the index led to something unreadable */
};

/* A layer as somebody refers to it. */
struct verify_layer {
	const struct reader_member *member;
	const char *diff_id; /* or NULL where that is unknown */
	const char *type;    /* media type, or NULL */
};

/* Keep the fault of a check that returned -1, found at where. */
void verify_note(struct verify_work *work, int result, const char *where,
		 const struct err *err);

/* The member's state; it is used from now on. */
struct verify_member *verify_use(struct verify_work *work,
				 const struct reader_member *member);

/* Read the layer unless that was done before, and check what is said of it. */
void verify_one_layer(struct verify_work *work,
		      const struct verify_layer *layer);

/* Check that an object's member is this text. */
int verify_check_text(const json_t *object, const char *key, const char *text,
		      struct err *err);

/* A member that is there as JSON; NULL where its fault was noted. */
json_t *verify_read(struct verify_work *work, const char *name);

/*
 * Check the config, found in the member where, against what the index says
 * of its platform (or NULL) and the number of layers.
 */
void verify_config(struct verify_work *work, const json_t *config,
		   const json_t *platform, size_t layers, const char *where);

/* The config's i-th diff_id, or NULL. */
const char *verify_diff_id(const json_t *config, size_t i);

/* Check oci-layout, index.json and all that they lead to. */
void verify_oci(struct verify_work *work);

/* Check manifest.json, after verify_oci. */
void verify_docker(struct verify_work *work);

#endif
