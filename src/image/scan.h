#ifndef IMAGE_SCAN_H
#define IMAGE_SCAN_H

/*
 * scan: one pass over all layers of an image that checks every digest, counts
 * entries and picks out the files that tell how it starts.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;
struct reader;
struct reader_image;

struct scan_layer {
	uint64_t packed; /* bytes in the archive */
	uint64_t raw;	 /* bytes of the tar */
	uint64_t entries;
	uint64_t files; /* bytes of all regular files */
};

struct scan_file {
	bool is_there; /* in the end: upper layers may delete it */
	struct buf bytes;
};

struct scan {
	size_t count;
	struct scan_layer *layers;
	struct scan_file conf;	 /* /etc/pith/service.conf */
	struct scan_file filter; /* /etc/pith/service.bpf */
	struct scan_file passwd; /* /etc/passwd, unless it is huge */
	struct scan_file group;	 /* /etc/group, likewise */
};

/* Scan the image. The caller owes scan_free(), also after a failure. */
int scan_image(struct scan *out, const struct reader *reader,
	       const struct reader_image *image, struct err *err);
void scan_free(struct scan *scan);

#endif
