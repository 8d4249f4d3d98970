#ifndef IMAGE_MANIFEST_H
#define IMAGE_MANIFEST_H

/*
 * manifest: the JSON of an image: OCI config, manifest and index, and
 * docker's manifest.json. Keys are sorted and no time, host or
 * version is in them, so equal recipes give equal bytes.
 */
#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "image/codec.h"
#include "image/sum.h"

struct arch;
struct err;
struct layer;
struct recipe;
struct recipe_filter;
struct service;
struct stack;

/* The one time in an image: any other would be the builder's. */
#define MANIFEST_EPOCH "1970-01-01T00:00:00Z"

struct manifest {
	struct buf config;
	struct buf manifest;
	struct buf index;  /* index.json */
	struct buf docker; /* manifest.json */
	struct sum config_sum;
	struct sum manifest_sum;
};

struct manifest_layer {
	struct sum digest;
	uint64_t size; /* bytes as packed */
	enum codec_kind kind;
};

/* An image of any origin. */
struct manifest_parts {
	json_t *config; /* the document; handed over, NULL is a failure */
	const struct arch *arch;
	const struct manifest_layer *layers;
	size_t layer_count;
	const char *name, *tag;
	const char *filter_status; /* "exact" and so on */
};

/*
 * Make all four of an image's parts. filter is the digest of service.bpf, or
 * NULL where the image has none. The manifest is annotated by what the labels
 * say of org.opencontainers.image.*, and by title and version.
 * The caller owes manifest_free(), also after a failure.
 */
int manifest_assemble(struct manifest *out, const struct manifest_parts *parts,
		      const struct sum *filter, struct err *err);

/* What the code calls, and what traces have seen: names, by blanks. */
#define MANIFEST_DERIVED "pith.filter.derived"
#define MANIFEST_TRACED	 "pith.filter.traced"

/*
 * Set the labels that tell of the filter; those that there is nothing to say
 * by are removed. Non-zero: a text is not UTF-8.
 */
int manifest_label_filter(json_t *labels, const struct recipe_filter *filter);

/* Docker's Healthcheck, which others ignore, of HealthCheck=. */
json_t *manifest_health(const struct service *service);

/*
 * Make all four of a recipe's image, with a layer for each of the stack's;
 * otherwise the same.
 */
int manifest_make(struct manifest *out, const struct recipe *recipe,
		  const struct stack *stack, const struct layer *layers,
		  const struct sum *filter, struct err *err);

/*
 * Make one image of several: of count parts, the image of archs[i] each. In
 * *out, manifest is an index of theirs, config is empty, and docker is that of
 * the part for this machine, or else of the first. Otherwise the same.
 */
int manifest_join(struct manifest *out, const struct manifest *parts,
		  const struct arch *const *archs, size_t count,
		  const struct recipe *recipe, struct err *err);

/* What several images are one by; both documents are handed over. */
struct manifest_several {
	json_t *index;		  /* lists them */
	json_t *entry;		  /* what index.json says of it, or NULL */
	const struct buf *docker; /* for who reads manifest.json alone */
};

/* The same of an index that is there already. */
int manifest_list(struct manifest *out, const struct manifest_several *several,
		  const char *name, const char *tag, struct err *err);

/* Whose manifest.json it is: this machine's, or else the first. */
size_t manifest_own(const struct arch *const *archs, size_t count);
void manifest_free(struct manifest *manifest);

/* Append "blobs/sha256/DIGITS", where the archive keeps a blob. */
void manifest_blob_path(struct buf *out, const struct sum *sum);

#endif
