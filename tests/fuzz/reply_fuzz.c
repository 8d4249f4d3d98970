/*
 * HTTP replies from hostile bytes: what is said of a beginning holds for the
 * whole, the body lies within the bytes, and limits are kept. The first byte
 * says where the second piece begins; the list of statuses is the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "data/reply.h"

#define CHECK(claim)             \
	do {                     \
		if (!(claim))    \
			abort(); \
	} while (0)

static void check_list(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	int got = reply_is_among(text, 200);

	CHECK((reply_is_among(text, 0) < 0) == (got < 0));
	CHECK(reply_is_among(text, 0) != 1);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reply whole, early;

	if (!size)
		return 0;
	const char *at = (const char *)data + 1;
	size_t len = size - 1;
	size_t first = len * data[0] / 255;
	int was = reply_read(&early, (struct slice){ at, first });
	int is = reply_read(&whole, (struct slice){ at, len });

	check_list(data, size);
	CHECK(was == 1 || is == was);
	if (is != 0)
		return 0;
	CHECK(whole.status <= 999);
	CHECK(whole.body.at > at && whole.body.at <= at + REPLY_HEAD_MAX);
	CHECK(whole.body.at + whole.body.len <= at + len);
	CHECK(whole.body.len <= REPLY_BODY_MAX);
	CHECK(whole.body.at[-1] == '\n');
	if (was == 0)
		CHECK(early.body.at == whole.body.at);
	reply_holds(&whole, "ok");
	return 0;
}
