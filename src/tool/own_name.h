#ifndef TOOL_OWN_NAME_H
#define TOOL_OWN_NAME_H

/* own_name: by which name an image that is made from another goes. */
struct buf;
struct err;
struct reader_image;
struct recipe;

/*
 * Set the recipe's name and tag: those of reference ("NAME:TAG", which is
 * split), or where that is NULL the image's own, whose text is kept in *kept.
 * Fails where the image has none that can be written down.
 */
int own_name(struct recipe *recipe, struct buf *kept,
	     const struct reader_image *image, char *reference,
	     struct err *err);

#endif
