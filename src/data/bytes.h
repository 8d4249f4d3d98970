#ifndef DATA_BYTES_H
#define DATA_BYTES_H

/* bytes: little-endian numbers out of untrusted bytes, never past their end. */
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

static inline bool bytes_hold(struct slice bytes, uint64_t at, uint64_t len)
{
	uint64_t end;

	return !__builtin_add_overflow(at, len, &end) && end <= bytes.len;
}

/* The number of width (1 to 8) bytes at that offset. */
static inline bool bytes_get(uint64_t *out, struct slice bytes, uint64_t at,
			     unsigned width)
{
	uint64_t value = 0;

	if (!bytes_hold(bytes, at, width))
		return false;
	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)(uint8_t)bytes.at[at + i] << 8 * i;
	*out = value;
	return true;
}

/* As bytes_get; 0 where there is none. */
static inline uint64_t bytes_number(struct slice bytes, uint64_t at,
				    unsigned width)
{
	uint64_t value = 0;

	bytes_get(&value, bytes, at, width);
	return value;
}

/* The same, as a signed number. */
static inline int64_t bytes_signed(struct slice bytes, uint64_t at,
				   unsigned width)
{
	unsigned unused = 64 - 8 * width;

	return (int64_t)(bytes_number(bytes, at, width) << unused) >> unused;
}

/* What begins at that offset and goes on to the end; empty beyond it. */
static inline struct slice bytes_from(struct slice bytes, uint64_t at)
{
	if (at > bytes.len)
		return (struct slice){ "", 0 };
	return (struct slice){ bytes.at + at, bytes.len - (size_t)at };
}

/* The first len bytes, or fewer. */
static inline struct slice bytes_first(struct slice bytes, uint64_t len)
{
	if (len < bytes.len)
		bytes.len = (size_t)len;
	return bytes;
}

/* The text at that offset up to its zero byte; empty where it has no end. */
static inline struct slice bytes_text(struct slice bytes, uint64_t at)
{
	struct slice text = bytes_from(bytes, at);
	size_t len = strnlen(text.at, text.len);

	return len == text.len ? (struct slice){ "", 0 }
			       : (struct slice){ text.at, len };
}

#endif
