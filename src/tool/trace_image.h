#ifndef TOOL_TRACE_IMAGE_H
#define TOOL_TRACE_IMAGE_H

/*
 * trace_image: start an image as pith run does, but its service without the
 * filter, and trace that to its end.
 *
 * /init does to the service all else that service.conf says. What /init calls
 * itself, before and after, does not count.
 */
#include <stdbool.h>
#include <stddef.h>

#include "tool/runtime.h"

struct err;
struct tally;

struct trace_image {
	const char *path;   /* of the archive */
	const char *chosen; /* the runtime's name, or NULL */
	char **args; /* instead of the image's Cmd, unless arg_count is 0 */
	size_t arg_count;
	bool is_rootless;
	/* With the image unpacked; to call trace_image_follow(). */
	int (*work)(void *arg, struct err *err);
	void *arg;
	/* While work runs. */
	struct runtime runtime;
	bool has_init;
};

/*
 * Unpack the image, call work in a process of its own, and clean up. Needs
 * root, of a user namespace at least. Returns what work returned, or -1.
 */
int trace_image_run(struct trace_image *image, struct err *err);

/* The container's exit code, or -1 with *err filled. */
int trace_image_follow(struct tally *tally, const struct trace_image *image,
		       struct err *err);

#endif
