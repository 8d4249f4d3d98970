#ifndef IMAGE_SEAL_H
#define IMAGE_SEAL_H

/*
 * seal: pith-init, service.conf and filter around an image that others built:
 * one layer more on top, and the config changed as little as that takes.
 */
#include <jansson.h>

#include "image/sum.h"

struct archive;
struct err;
struct manifest_layer;
struct plan;
struct reader;
struct reader_image;
struct recipe;
struct scan;
struct service;
struct tree;

/*
 * Fill what the service section leaves open from the image's config: the
 * program with its arguments (unless ExecStart= names another), the user, and
 * as KillSignal= the signal that stops it. Names of users become numbers, by
 * the image's own files. words is start_words(): the texts stay in it.
 */
int seal_service(struct service *service, const json_t *config,
		 const json_t *words, const struct scan *scan, struct err *err);

/*
 * The image's config document as it becomes with that recipe's service, on
 * top of it a layer with that diff_id. The caller owns it.
 */
json_t *seal_config(const struct reader_image *image,
		    const struct recipe *recipe, const struct sum *diff_id);

/*
 * Add what /init and /etc/pith stand in to the plan, with the attributes that
 * the image's lower layers give it; refuses an image with an /init.
 */
int seal_plan(struct plan *plan, struct tree *tree, struct err *err);

/*
 * Copy the image's layers, each once, and describe all in layers, which has
 * room for them.
 */
int seal_copy(struct archive *archive, struct manifest_layer *layers,
	      const struct reader *reader, const struct reader_image *image,
	      struct err *err);

/* Copy what an entry of an index leads to, a manifest and all of its, as is. */
int seal_keep(struct archive *archive, const struct reader *reader,
	      const json_t *entry, struct err *err);

#endif
