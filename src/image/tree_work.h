#ifndef IMAGE_TREE_WORK_H
#define IMAGE_TREE_WORK_H

/* tree_work: from layers to records and back, for tree.c alone. */
#include "image/tree.h"

struct runs;

/* Add a record for every entry of every layer. */
int tree_gather(struct runs *runs, const struct reader *reader,
		const struct reader_image *image,
		const struct tree_visitor *visitor, struct err *err);

/* Read a record; the texts of *out point into it. */
void tree_unpack(struct tree_node *out, struct slice record);

/* Fold empty, "." and ".." parts of *path; false where it leads out. */
bool tree_fold(struct buf *path);

/* What records are sorted by, without reading the rest. */
struct tree_key {
	const char *path;
	uint16_t layer;
	uint64_t place;
};
struct tree_key tree_key(struct slice record);

#endif
