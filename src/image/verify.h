#ifndef IMAGE_VERIFY_H
#define IMAGE_VERIFY_H

/*
 * verify: whether an image archive is what it says it is. Everything in it is
 * read, of every platform, whether or not an engine would: all digests and
 * sizes, the documents and how they agree, the end of every tar, and that
 * nothing is left over. OCI image-spec: image-layout.md, manifest.md,
 * config.md; docker-archive as docker save writes it.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;

enum { VERIFY_FAULTS_MAX = 100 };

struct verify {
	size_t fault_count;
	struct buf faults; /* the first VERIFY_FAULTS_MAX, each a line */
	size_t images;
	size_t layers; /* that are different */
	size_t members;
	uint64_t bytes; /* of the archive */
};

/*
 * Verify the archive. Returns 0 when it could be read, then fault_count says
 * whether it is good; -1 when it is no archive at all. The caller owes
 * verify_free(), also after a failure.
 */
int verify_archive(struct verify *out, const char *path, struct err *err);
void verify_free(struct verify *verify);

#endif
