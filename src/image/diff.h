#ifndef IMAGE_DIFF_H
#define IMAGE_DIFF_H

/*
 * diff: what differs between two images' root file systems. Times are not
 * compared, and neither is how the trees are cut into layers.
 */
struct err;
struct tree;

/* One difference: a is the first image's side and b the second's. */
struct diff_change {
	const char *part;    /* "file", "config", "service" or "filter" */
	const char *subject; /* whose: a path, or a key; "" the part's own */
	const char *field;   /* what of it, or "": all of it */
	const char *a, *b;   /* NULL: not there */
};

/* Who is told: to, and one difference. */
struct diff_sink {
	void (*tell)(void *to, const struct diff_change *change);
	void *to;
};

/* Tell the differences by path: type, mode, owner, content, link, xattrs. */
int diff_trees(const struct diff_sink *sink, struct tree *a, struct tree *b,
	       struct err *err);

#endif
