#ifndef TOOL_SUBJECT_H
#define TOOL_SUBJECT_H

/*
 * subject: an image archive that a command looks into: opened, its digests
 * checked, pith's own files picked out of it.
 */
#include "image/reader.h"
#include "image/scan.h"

struct arch;
struct err;

struct subject {
	const char *path;
	struct reader reader;
	struct reader_image image;
	struct scan scan;
};

/*
 * Open the archive; of several images the one for arch, or for NULL the one for
 * this machine, else the first. The caller owes subject_close(), also after a failure.
 */
int subject_open(struct subject *subject, const char *path,
		 const struct arch *arch, struct err *err);
void subject_close(struct subject *subject);

#endif
