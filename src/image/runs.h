#ifndef IMAGE_RUNS_H
#define IMAGE_RUNS_H

/*
 * runs: records in order, any number of them in bounded memory. What exceeds
 * RUNS_MEMORY is sorted, written to a scratch file as a run, and merged as it
 * is read.
 */
#include <stddef.h>

#include "base/slice.h"

struct err;
struct runs;

enum {
	RUNS_MEMORY = 2 * 1024 * 1024,
	RUNS_MAX = 256, /* of them: half a gigabyte of records */
	RUNS_RECORD_MAX = 64 * 1024,
};

/* The order; records that are equal in it come in any. */
typedef int runs_compare(struct slice a, struct slice b);

/* An empty set. The caller owes runs_free(). */
struct runs *runs_new(runs_compare *compare);
void runs_free(struct runs *runs);

/* Add a copy of the record. Fails when they are too many, or the disk is. */
int runs_add(struct runs *runs, struct slice record, struct err *err);

/* All are added: start reading, or start again. */
int runs_rewind(struct runs *runs, struct err *err);

/* The next record, which holds until the next call: 1, 0 at the end, or -1. */
int runs_next(struct slice *out, struct runs *runs, struct err *err);

#endif
