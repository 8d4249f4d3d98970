#ifndef BASE_SLICE_H
#define BASE_SLICE_H

/*
 * slice: a run of bytes that somebody else owns.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *at;
	size_t len;
};

#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })
#define SLICE_ARGS(s)  ((int)(s).len), ((s).at) /* for %.*s */

struct slice slice_from(const char *text);

static inline bool slice_same(struct slice a, struct slice b)
{
	/* An empty one may be at NULL, which memcmp must not see. */
	return a.len == b.len && (!a.len || memcmp(a.at, b.at, a.len) == 0);
}

/* FNV-1a, for tables where nobody gains from two that collide. */
static inline uint64_t slice_hash(struct slice s)
{
	uint64_t value = 0xcbf29ce484222325;

	for (size_t i = 0; i < s.len; i++)
		value = (value ^ (unsigned char)s.at[i]) * 0x100000001b3;
	return value;
}

bool slice_eq(struct slice a, const char *b);
bool slice_has_prefix(struct slice s, const char *prefix);

/*
 * The first c in s, or NULL: memchr(3), eight bytes a step from the first
 * one on, for PID 1, where a libc that is small aligns by single bytes first.
 */
const char *slice_find(struct slice s, char c);

/* Without blanks (space, tab, CR) at either end. */
struct slice slice_trim(struct slice s);

/*
 * Take what precedes the first stop byte off the front of *rest, which moves
 * behind that byte. Returns false when *rest was empty before the call. The
 * last piece may lack the stop byte; *rest is then empty.
 */
bool slice_cut(struct slice *piece, struct slice *rest, char stop);

/*
 * Take the next blank-separated word off the front of *rest.
 * Returns false when only blanks were left.
 */
bool slice_word(struct slice *word, struct slice *rest);

/* Which of the words of "one|two|..." it is, or -1. */
int slice_choice(struct slice word, const char *choices);

/*
 * The index of the name nearest to word in edit distance, among count names,
 * or -1 when none is near enough to be meant (more than a third of the
 * word's length away). names[i] may be NULL (skipped).
 */
int slice_nearest(struct slice word, const char *const *names, size_t count);

#endif
