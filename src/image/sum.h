#ifndef IMAGE_SUM_H
#define IMAGE_SUM_H

/*
 * sum: SHA-256 as images write it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nettle/sha2.h>

#include "base/slice.h"

enum { SUM_HEX = 2 * SHA256_DIGEST_SIZE, SUM_TEXT = 7 + SUM_HEX };

/* "sha256:" and 64 hexadecimal digits. */
struct sum {
	char text[SUM_TEXT + 1];
};

/* Finish ctx, which is then ready for new data. */
struct sum sum_finish(struct sha256_ctx *ctx);

struct sum sum_of(struct slice bytes);

/* True for the one spelling that a digest has. */
bool sum_is_valid(const char *text);

/* The digits behind "sha256:". */
static inline const char *sum_hex(const struct sum *sum)
{
	return sum->text + SUM_TEXT - SUM_HEX;
}

#endif
