#include "base/slice.h"

#include <stdint.h>

enum { NEAREST_MAX = 48 };

struct slice slice_from(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

bool slice_eq(struct slice a, const char *b)
{
	/* Most comparisons end at the first byte; two calls would cost more. */
	for (size_t i = 0; i < a.len; i++)
		if (!b[i] || a.at[i] != b[i])
			return false;
	return !b[a.len];
}

bool slice_has_prefix(struct slice s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && memcmp(s.at, prefix, n) == 0;
}

/* The top bit of the lowest byte that is zero is the lowest bit set. */
static uint64_t zero_bytes(uint64_t word)
{
	return (word - UINT64_C(0x0101010101010101)) & ~word &
	       UINT64_C(0x8080808080808080);
}

/* Which byte that is. riscv64 may have to count bits by a table of libgcc. */
static size_t first_marked(uint64_t marks)
{
#ifdef __riscv
	size_t n = 0;

	for (; !(marks & 0x80); marks >>= 8)
		n++;
	return n;
#else
	return (size_t)__builtin_ctzll(marks) / 8;
#endif
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the lowest byte is the first");

const char *slice_find(struct slice s, char c)
{
	const uint64_t pattern = UINT64_C(0x0101010101010101) *
				 (unsigned char)c;
	uint64_t word;

	for (; s.len >= sizeof(word); s.len -= sizeof(word)) {
		memcpy(&word, s.at, sizeof(word));
		word = zero_bytes(word ^ pattern);
		if (word)
			return s.at + first_marked(word);
		s.at += sizeof(word);
	}
	for (; s.len; s.len--, s.at++)
		if (*s.at == c)
			return s.at;
	return NULL;
}

/* What is no blank mostly shows by the first comparison. */
static inline __attribute__((always_inline)) bool is_blank(char c)
{
	return c <= ' ' && (c == ' ' || c == '\t' || c == '\r');
}

struct slice slice_trim(struct slice s)
{
	while (s.len && is_blank(s.at[0])) {
		s.at++;
		s.len--;
	}
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

bool slice_cut(struct slice *piece, struct slice *rest, char stop)
{
	if (!rest->len)
		return false;
	const char *found = slice_find(*rest, stop);
	size_t n = found ? (size_t)(found - rest->at) : rest->len;
	size_t step = found ? n + 1 : n;

	*piece = (struct slice){ rest->at, n };
	rest->at += step;
	rest->len -= step;
	return true;
}

bool slice_word(struct slice *word, struct slice *rest)
{
	*rest = slice_trim(*rest);
	size_t n = 0;

	while (n < rest->len && !is_blank(rest->at[n]))
		n++;
	*word = (struct slice){ rest->at, n };
	rest->at += n;
	rest->len -= n;
	return n > 0;
}

int slice_choice(struct slice word, const char *choices)
{
	struct slice rest = slice_from(choices);
	struct slice choice;

	for (int i = 0; slice_cut(&choice, &rest, '|'); i++)
		if (choice.len == word.len &&
		    memcmp(choice.at, word.at, word.len) == 0)
			return i;
	return -1;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein distance by the two-row method; b is at most NEAREST_MAX. */
static size_t distance(struct slice a, const char *b, size_t b_len)
{
	size_t row[NEAREST_MAX + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];
			size_t swap = diagonal + (a.at[i - 1] != b[j - 1]);

			row[j] = least(swap, least(above, row[j - 1]) + 1);
			diagonal = above;
		}
	}
	return row[b_len];
}

/* Distance first; among equals, the name of the most similar length. */
static size_t badness(struct slice word, const char *name, size_t len)
{
	size_t differ = word.len > len ? word.len - len : len - word.len;

	return distance(word, name, len) * (NEAREST_MAX + 1) + differ;
}

int slice_nearest(struct slice word, const char *const *names, size_t count)
{
	size_t best = (word.len / 3 + 2) * (NEAREST_MAX + 1);
	int found = -1;

	if (word.len > NEAREST_MAX)
		return -1;
	for (size_t i = 0; i < count; i++) {
		size_t len = names[i] ? strlen(names[i]) : 0;

		if (!len || len > NEAREST_MAX)
			continue;
		size_t bad = badness(word, names[i], len);

		if (bad < best) {
			best = bad;
			found = (int)i;
		}
	}
	return found;
}
