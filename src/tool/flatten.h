#ifndef TOOL_FLATTEN_H
#define TOOL_FLATTEN_H

/*
 * flatten: an image with all that its layers make together in one. What upper
 * layers had deleted or replaced is gone from it, and with it whatever secret
 * or size was hidden there; the config stays, but for its layers and history.
 */
#include "image/codec.h"

struct arch;
struct err;

struct flatten {
	const char *input;
	const char *output;
	char *reference;	 /* NAME:TAG, or NULL: the image's own */
	const struct arch *arch; /* of several, or NULL */
	struct codec codec;
};

/* The output appears complete or not at all. */
int flatten_image(const struct flatten *flatten, struct err *err);

#endif
