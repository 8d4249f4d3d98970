/*
 * The request parser of images/hello on hostile bytes. Whatever they are, it
 * says the same whether they come at once or in two pieces, its slices lie
 * within the head, and a head it takes stays within the limits.
 */
#include <stdlib.h>
#include <string.h>

#include "../../images/hello/http.c"

#define CHECK(claim)             \
	do {                     \
		if (!(claim))    \
			abort(); \
	} while (0)

static void check_slice(struct http_slice slice, const char *buf, size_t len)
{
	if (!slice.len)
		return;
	if (slice.len == 1 && slice.at[0] == '/')
		return; /* the path of a target that has none is a constant */
	CHECK(slice.at >= buf && slice.at + slice.len <= buf + len);
}

static void check_request(const struct http_request *req, int status,
			  const char *buf, size_t len)
{
	check_slice(req->method, buf, len);
	check_slice(req->target, buf, len);
	check_slice(req->path, buf, len);
	CHECK(!req->why == (status == HTTP_READY || status == HTTP_MORE));
	if (status == HTTP_MORE)
		CHECK(len < HTTP_HEAD_MAX);
	if (status != HTTP_READY)
		return;
	CHECK(req->head_len <= len && req->head_len <= HTTP_HEAD_MAX);
	CHECK(req->target.len <= HTTP_TARGET_MAX);
	CHECK(req->body_len <= HTTP_BODY_MAX);
	CHECK(http_has_head(buf, req->head_len));
	CHECK(!http_has_head(buf, req->head_len - 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says where the second piece begins. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_scan whole_scan = { 0 }, split_scan = { 0 };
	struct http_request whole, split;

	if (!size)
		return 0;
	const char *buf = (const char *)data + 1;
	size_t len = size - 1;
	size_t first = data[0] < len ? data[0] : len;
	int status = http_read(&whole, &whole_scan, buf, len);
	int early = http_read(&split, &split_scan, buf, first);

	check_request(&whole, status, buf, len);
	if (early == HTTP_MORE)
		CHECK(http_read(&split, &split_scan, buf, len) == status);
	else
		CHECK(early == status);
	return 0;
}
