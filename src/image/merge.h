#ifndef IMAGE_MERGE_H
#define IMAGE_MERGE_H

/*
 * merge: the files that an image's layers make together, in an order that
 * needs each layer read once: first all directories, by path, then files and
 * links as their layers have them, then further names of files. Memory is
 * bounded whatever the image.
 */
#include <stdbool.h>
#include <stdint.h>

#include "data/tar.h"

struct err;
struct reader;
struct reader_image;
struct tree;
struct tree_node;

/* A file, or what else is neither directory nor hard link. */
struct merge_entry {
	const char *path; /* no slash at either end */
	const struct tar_entry *tar;
	uint64_t number; /* from 0, of all entries of all layers */
	bool has_links;	 /* hard links to it follow */
};

struct merge_sink {
	void *to;
	/* node is NULL for one that no layer describes; "" is the root. */
	int (*directory)(void *to, const char *path,
			 const struct tree_node *node, struct err *err);
	/* The data is read from tar. */
	int (*entry)(void *to, const struct merge_entry *entry,
		     struct tar_reader *tar, struct err *err);
	/* One more name of the file that was entry number. */
	int (*link)(void *to, const char *path, const struct tree_node *target,
		    uint64_t number, struct err *err);
};

/*
 * Go through them all. Fails for an entry below what is no directory, and for
 * a hard link whose target was replaced; digests are checked.
 */
int merge_layers(const struct merge_sink *sink, const struct reader *reader,
		 const struct reader_image *image, struct tree *tree,
		 struct err *err);

#endif
