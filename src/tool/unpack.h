#ifndef TOOL_UNPACK_H
#define TOOL_UNPACK_H

/* unpack: an image archive into a bundle that an OCI runtime starts. */
struct arch;
struct bundle;
struct err;
struct reader;
struct reader_image;

/*
 * Extract the image's layers, lowest first, into the directory that root, a
 * descriptor, is of. What was extracted before a failure stays.
 */
int unpack_layers(int root, const struct reader *reader,
		  const struct reader_image *image, struct err *err);

/*
 * Extract the image for arch, or for NULL this machine's, into DIRECTORY/rootfs, and describe it in
 * DIRECTORY/config.json, with what *what says; its config is only used here.
 * What is there after a failure is the caller's to remove.
 */
int unpack_bundle(struct bundle *what, const char *directory, const char *path,
		  const struct arch *arch, struct err *err);

#endif
