#ifndef IMAGE_FLAT_H
#define IMAGE_FLAT_H

/*
 * flat: an image's files as one tar stream, the whole image in one layer. What
 * upper layers hid is gone from it. Owners, modes and times stay, and extended
 * attributes of files; directories that no layer describes are root's, 0755.
 */
#include <stddef.h>

struct err;
struct reader;
struct reader_image;
struct tree;

/* Where the bytes go. */
struct flat_out {
	void *to;
	int (*put)(void *to, const void *data, size_t len, struct err *err);
};

/*
 * Write the stream, with its end. Fails for device nodes and other entries
 * that no image needs, as extract.h does.
 */
int flat_write(const struct flat_out *out, const struct reader *reader,
	       const struct reader_image *image, struct tree *tree,
	       struct err *err);

#endif
