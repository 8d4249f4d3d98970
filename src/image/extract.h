#ifndef IMAGE_EXTRACT_H
#define IMAGE_EXTRACT_H

/*
 * extract: a layer into a directory, as an engine would lay it over what is
 * there: later entries replace earlier ones and whiteouts remove them.
 *
 * Layers are untrusted. No path leaves the directory: each parent is opened
 * by openat2(2) with RESOLVE_IN_ROOT, so neither ".." nor a symbolic link
 * that the layer planted leads out of it.
 */
struct err;
struct tar_reader;

/*
 * Apply the whiteouts of a layer to what lower ones left below the directory
 * root (a descriptor). A pass of its own, before extract_layer: a whiteout
 * never concerns its own layer, wherever in it it stands.
 */
int extract_whiteouts(int root, struct tar_reader *tar, struct err *err);

/*
 * Extract everything but whiteouts, with owners and modes. Device nodes are
 * refused. What was extracted before a failure stays.
 */
int extract_layer(int root, struct tar_reader *tar, struct err *err);

/* Remove a file, or a directory with all that it holds; no link is followed. */
int extract_remove(int parent, const char *name, struct err *err);

#endif
