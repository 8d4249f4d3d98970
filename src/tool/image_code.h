#ifndef TOOL_IMAGE_CODE_H
#define TOOL_IMAGE_CODE_H

/*
 * image_code: the program of an image archive and what it is made of there,
 * to analyse it.
 */
#include <stdbool.h>
#include <stddef.h>

struct arch;
struct err;
struct libraries;

/* What to find, and with which libraries that it opens at run time. */
struct image_code {
	const char *image;
	const struct arch *arch; /* of several images, or NULL */
	const char *program;	 /* in the image; NULL: what the image starts */
	const char *const *with;
	size_t with_count;
};

/* True for what begins as an archive does. */
bool image_code_is_archive(const char *path);

/*
 * The files, by their paths in the image. libraries_close() is owed; nothing
 * can be added.
 */
int image_code_find(struct libraries *out, const struct image_code *code,
		    struct err *err);

#endif
