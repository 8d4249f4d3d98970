#include "image/runs.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"

enum { READ_STEP = 8 * 1024 };

/* A sorted stretch of the scratch file: a length before each record. */
struct run {
	uint64_t begin, end;
	uint64_t at; /* of what was not read yet */
	char *bytes; /* read and not returned: from pos to len */
	size_t pos, len, cap;
};

struct runs {
	runs_compare *compare;
	char *memory;
	size_t used;
	uint32_t *starts; /* offsets in memory, sorted in the end */
	size_t count, cap;
	bool is_sorted;
	size_t cursor; /* of what is in memory */
	int fd;
	uint64_t written;
	struct run run[RUNS_MAX];
	size_t run_count;
	struct run *last; /* whose record was returned */
};

struct runs *runs_new(runs_compare *compare)
{
	struct runs *runs = mem_new(1, sizeof(*runs));

	runs->compare = compare;
	runs->memory = mem_new(RUNS_MEMORY, 1);
	runs->fd = -1;
	return runs;
}

void runs_free(struct runs *runs)
{
	if (!runs)
		return;
	for (size_t i = 0; i < runs->run_count; i++)
		free(runs->run[i].bytes);
	scope_close(&runs->fd);
	free(runs->memory);
	free(runs->starts);
	free(runs);
}

static struct slice record_at(const char *bytes)
{
	uint32_t len;

	memcpy(&len, bytes, sizeof(len));
	return (struct slice){ bytes + sizeof(len), len };
}

static int compare_starts(const void *a, const void *b, void *of)
{
	const struct runs *runs = of;

	return runs->compare(record_at(runs->memory + *(const uint32_t *)a),
			     record_at(runs->memory + *(const uint32_t *)b));
}

static void sort(struct runs *runs)
{
	if (!runs->is_sorted && runs->count)
		qsort_r(runs->starts, runs->count, sizeof(*runs->starts),
			compare_starts, runs);
	runs->is_sorted = true;
}

/* Append what is in memory to the scratch file, in pieces of a buffer. */
static int write_run(struct runs *runs, struct err *err)
{
	auto_buf struct buf piece = { 0 };

	for (size_t i = 0; i < runs->count; i++) {
		const char *at = runs->memory + runs->starts[i];

		buf_add(&piece, at, sizeof(uint32_t) + record_at(at).len);
		if (piece.len < READ_STEP && i + 1 < runs->count)
			continue;
		if (io_write(runs->fd, piece.at, piece.len) < 0)
			return err_set(err, errno, "write a scratch file");
		runs->written += piece.len;
		piece.len = 0;
	}
	return 0;
}

static int spill(struct runs *runs, struct err *err)
{
	struct run *run = &runs->run[runs->run_count];

	if (runs->run_count == RUNS_MAX)
		return err_set(err, 0, "more than %d MB of names",
			       RUNS_MAX * (RUNS_MEMORY >> 20));
	if (runs->fd < 0 && (runs->fd = io_scratch(err)) < 0)
		return -1;
	sort(runs);
	*run = (struct run){ .begin = runs->written };
	if (write_run(runs, err) < 0)
		return -1;
	run->end = runs->written;
	runs->run_count++;
	runs->used = runs->count = 0;
	return 0;
}

int runs_add(struct runs *runs, struct slice record, struct err *err)
{
	uint32_t len = (uint32_t)record.len;

	if (record.len > RUNS_RECORD_MAX)
		return err_set(err, 0, "an entry of %zu bytes", record.len);
	if (runs->used + sizeof(len) + len > RUNS_MEMORY &&
	    spill(runs, err) < 0)
		return -1;
	if (runs->count == runs->cap) {
		runs->cap = runs->cap ? 2 * runs->cap : 1024;
		runs->starts = mem_grow(runs->starts, runs->cap,
					sizeof(*runs->starts));
	}
	runs->starts[runs->count++] = (uint32_t)runs->used;
	memcpy(runs->memory + runs->used, &len, sizeof(len));
	memcpy(runs->memory + runs->used + sizeof(len), record.at, len);
	runs->used += sizeof(len) + len;
	runs->is_sorted = false;
	return 0;
}

int runs_rewind(struct runs *runs, struct err *err)
{
	sort(runs);
	runs->cursor = 0;
	runs->last = NULL;
	/* Once there is a run, all of them are: one way to read. */
	if (runs->run_count && runs->count && spill(runs, err) < 0)
		return -1;
	for (size_t i = 0; i < runs->run_count; i++) {
		runs->run[i].at = runs->run[i].begin;
		runs->run[i].pos = runs->run[i].len = 0;
	}
	return 0;
}

/* Have n bytes at pos, where the run still has them. */
static int fill(struct run *run, int fd, size_t n, struct err *err)
{
	size_t have = run->len - run->pos;

	if (have >= n)
		return 0;
	uint64_t left = run->end - run->at;
	size_t want = n - have > READ_STEP ? n - have : READ_STEP;

	if (want > left)
		want = (size_t)left;
	if (have + want > run->cap) {
		run->cap = have + want;
		run->bytes = mem_grow(run->bytes, run->cap, 1);
	}
	memmove(run->bytes, run->bytes + run->pos, have);
	run->pos = 0;
	run->len = have + want;
	if (io_read_at(fd, run->bytes + have, want, run->at) != (ssize_t)want)
		return err_set(err, errno, "read a scratch file");
	run->at += want;
	return 0;
}

/* The run's first record: 1, 0 at its end, or -1. */
static int peek(struct slice *out, struct run *run, int fd, struct err *err)
{
	if (run->pos == run->len && run->at == run->end)
		return 0;
	if (fill(run, fd, sizeof(uint32_t), err) < 0)
		return -1;
	size_t len = sizeof(uint32_t) + record_at(run->bytes + run->pos).len;

	if (fill(run, fd, len, err) < 0)
		return -1;
	*out = record_at(run->bytes + run->pos);
	return 1;
}

/* The least of all runs' first records. */
static int merge_next(struct slice *out, struct runs *runs, struct err *err)
{
	struct run *best = NULL;

	if (runs->last)
		runs->last->pos +=
			sizeof(uint32_t) +
			record_at(runs->last->bytes + runs->last->pos).len;
	for (size_t i = 0; i < runs->run_count; i++) {
		struct slice first;
		int got = peek(&first, &runs->run[i], runs->fd, err);

		if (got < 0)
			return -1;
		if (got && (!best || runs->compare(first, *out) < 0)) {
			best = &runs->run[i];
			*out = first;
		}
	}
	runs->last = best;
	return best != NULL;
}

int runs_next(struct slice *out, struct runs *runs, struct err *err)
{
	if (runs->run_count)
		return merge_next(out, runs, err);
	if (runs->cursor == runs->count)
		return 0;
	*out = record_at(runs->memory + runs->starts[runs->cursor++]);
	return 1;
}
