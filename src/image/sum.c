#include "image/sum.h"

#include <string.h>

static const char prefix[] = "sha256:";
static const char digits[] = "0123456789abcdef";

struct sum sum_finish(struct sha256_ctx *ctx)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sum sum;
	char *at = sum.text + sizeof(prefix) - 1;

	sha256_digest(ctx, sizeof(digest), digest);
	memcpy(sum.text, prefix, sizeof(prefix));
	for (size_t i = 0; i < sizeof(digest); i++) {
		*at++ = digits[digest[i] >> 4];
		*at++ = digits[digest[i] & 15];
	}
	*at = '\0';
	return sum;
}

struct sum sum_of(struct slice bytes)
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, bytes.len, (const uint8_t *)bytes.at);
	return sum_finish(&ctx);
}

bool sum_is_valid(const char *text)
{
	return strncmp(text, prefix, sizeof(prefix) - 1) == 0 &&
	       strlen(text) == SUM_TEXT &&
	       strspn(text + sizeof(prefix) - 1, digits) == SUM_HEX;
}
