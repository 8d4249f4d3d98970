/*
 * The request parser of images/hello, as a table. It is no part of src/, so
 * the test brings it along.
 */
/* Before cmocka, which takes the word skip for itself. */
#include "../../images/hello/http.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST "Host: a\r\n"
#define GET  "GET / HTTP/1.1\r\n"

enum { CLOSE, KEEP };

static const struct {
	const char *head;
	const char *path; /* NULL: none */
	uint32_t body_len;
	bool keep_alive;
} taken[] = {
	{ GET HOST "\r\n", "/", 0, KEEP },
	{ GET HOST "\r\nGET", "/", 0, KEEP },
	{ "GET /a?b=/c HTTP/1.1\r\n" HOST "\r\n", "/a", 0, KEEP },
	{ "GET /? HTTP/1.1\r\n" HOST "\r\n", "/", 0, KEEP },
	{ "GET http://b HTTP/1.1\r\n" HOST "\r\n", "/", 0, KEEP },
	{ "GET http://b/ HTTP/1.1\r\n" HOST "\r\n", "/", 0, KEEP },
	{ "GET http://b?/c HTTP/1.1\r\n" HOST "\r\n", "/", 0, KEEP },
	{ "GET HTTPS://b:1/c?d HTTP/1.1\r\n" HOST "\r\n", "/c", 0, KEEP },
	{ "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", NULL, 0, KEEP },
	{ "CONNECT b:1 HTTP/1.1\r\n" HOST "\r\n", NULL, 0, KEEP },
	{ "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\n" HOST "\r\n", "/", 0, KEEP },
	{ "GET / HTTP/1.0\r\n\r\n", "/", 0, CLOSE },
	{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "/", 0, CLOSE },
	{ "GET / HTTP/1.0\r\nExpect: tea\r\n\r\n", "/", 0, CLOSE },
	{ "GET / HTTP/1.9\r\n" HOST "\r\n", "/", 0, KEEP },
	{ GET "hOsT:\ta \t\r\n\r\n", "/", 0, KEEP },
	{ GET "Host:\r\n\r\n", "/", 0, KEEP },
	{ GET "Host: [::1]:80\r\n\r\n", "/", 0, KEEP },
	{ GET HOST "X:\r\nY: \xff \t z\r\n\r\n", "/", 0, KEEP },
	{ GET HOST "Connection: close\r\n\r\n", "/", 0, CLOSE },
	{ GET HOST "Connection: a, CLOSE ,b\r\n\r\n", "/", 0, CLOSE },
	{ GET HOST "Connection: closed, ,\r\n\r\n", "/", 0, KEEP },
	{ GET HOST "Connection: close\r\nConnection: keep-alive\r\n\r\n", "/",
	  0, CLOSE },
	{ GET HOST "Content-Length: 0\r\n\r\n", "/", 0, KEEP },
	{ GET HOST "Content-Length: 007\r\n\r\n", "/", 7, KEEP },
	{ GET HOST "content-length: 65536 \r\n\r\n", "/", 65536, KEEP },
	{ GET HOST "Expect: 100-Continue\r\n\r\n", "/", 0, KEEP },
};

/* Refused, or not whole yet. */
static const struct {
	const char *head;
	int status;
} others[] = {
	{ "", 0 },
	{ "G", 0 },
	{ GET HOST "\r", 0 },
	{ GET "Host: a", 0 },

	{ "\r\n\r\n", 400 },
	{ "\n", 400 },
	{ GET "\r\n", 400 },
	{ "GET / HTTP/1.1\n", 400 },
	{ GET HOST "\n", 400 },
	{ GET HOST "\r\r", 400 },
	{ GET "Host: a\rb\r\n\r\n", 400 },
	{ GET "Host: a\x01", 400 },
	{ GET "Host: a\x7f", 400 },
	{ "\x16\x03\x01", 400 },
	{ GET "\r\n" HOST "\r\n", 400 },
	{ GET " " HOST "\r\n", 400 },
	{ GET "\t" HOST "\r\n", 400 },
	{ GET HOST " b\r\n\r\n", 400 },
	{ GET "Host : a\r\n\r\n", 400 },
	{ GET "Host\t: a\r\n\r\n", 400 },
	{ GET HOST ": a\r\n\r\n", 400 },
	{ GET HOST "a b: c\r\n\r\n", 400 },
	{ GET HOST "(a): c\r\n\r\n", 400 },
	{ GET HOST "a\x80: c\r\n\r\n", 400 },
	{ GET HOST "a\r\n\r\n", 400 },
	{ GET HOST HOST "\r\n", 400 },
	{ GET "Host: a, b\r\n\r\n", 400 },
	{ GET "Host: a b\r\n\r\n", 400 },
	{ GET "Host: u@a\r\n\r\n", 400 },
	{ GET "Host: a/\r\n\r\n", 400 },
	{ GET "Host: \x80\r\n\r\n", 400 },
	{ "GET / HTTP/1.0\r\n" HOST HOST "\r\n", 400 },
	{ "GET\r\n\r\n", 400 },
	{ "GET /\r\n\r\n", 400 },
	{ "GET / \r\n\r\n", 400 },
	{ " GET / HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET  / HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET /  HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET / HTTP/1.1 \r\n" HOST "\r\n", 400 },
	{ "GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET /\t HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "G(T / HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET a HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET * HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET /#a HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET http:// HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET http:///a HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET http://u@b/ HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET ftp://b/ HTTP/1.1\r\n" HOST "\r\n", 400 },
	{ "GET / HTTP/1\r\n" HOST "\r\n", 400 },
	{ "GET / HTTP/1.10\r\n" HOST "\r\n", 400 },
	{ "GET / HTTP/1,1\r\n" HOST "\r\n", 400 },
	{ "GET / http/1.1\r\n" HOST "\r\n", 400 },
	{ GET HOST "Content-Length:\r\n\r\n", 400 },
	{ GET HOST "Content-Length: -1\r\n\r\n", 400 },
	{ GET HOST "Content-Length: +1\r\n\r\n", 400 },
	{ GET HOST "Content-Length: 1 1\r\n\r\n", 400 },
	{ GET HOST "Content-Length: 1,1\r\n\r\n", 400 },
	{ GET HOST "Content-Length: 0x1\r\n\r\n", 400 },
	{ GET HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400 },
	{ GET HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400 },
	{ GET HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
	  400 },
	{ GET HOST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
	  400 },
	{ "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400 },

	{ GET HOST "Transfer-Encoding: chunked\r\n\r\n", 411 },
	{ GET HOST "Transfer-Encoding: Chunked\r\n\r\n", 411 },
	{ GET HOST "Content-Length: 65537\r\n\r\n", 413 },
	{ GET HOST "Content-Length: 4294967296\r\n\r\n", 413 },
	{ GET HOST "Content-Length: 18446744073709551616\r\n\r\n", 413 },
	{ GET HOST "Content-Length: 184467440737095516160\r\n\r\n", 413 },
	{ GET HOST "Content-Length: 99999999999999999999999999\r\n\r\n", 413 },
	{ GET HOST "Expect: tea\r\n\r\n", 417 },
	{ GET HOST "Expect:\r\n\r\n", 417 },
	{ GET HOST "Transfer-Encoding:\r\n\r\n", 501 },
	{ GET HOST "Transfer-Encoding: xchunked\r\n\r\n", 501 },
	{ GET HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501 },
	{ GET HOST "Transfer-Encoding: chunked\r\n"
		   "Transfer-Encoding: identity\r\n\r\n",
	  501 },
	{ "PRI * HTTP/2.0\r\n\r\n", 505 },
	{ "GET / HTTP/0.9\r\n\r\n", 505 },
};

enum {
	TAKEN_COUNT = sizeof(taken) / sizeof(taken[0]),
	OTHER_COUNT = sizeof(others) / sizeof(others[0]),
};

/* The bytes in memory that ends where they do, so that ASan sees a step over. */
static char *exact(const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return copy;
}

static int read_whole(struct http_request *req, const char *head, size_t len)
{
	struct http_scan scan = { 0 };

	return http_read(req, &scan, head, len);
}

static void assert_slice(struct http_slice slice, const char *text)
{
	assert_int_equal(slice.len, text ? strlen(text) : 0);
	if (text)
		assert_memory_equal(slice.at, text, slice.len);
}

static void test_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < TAKEN_COUNT; i++) {
		size_t len = strlen(taken[i].head);
		char *head = exact(taken[i].head, len);
		struct http_request req;

		if (read_whole(&req, head, len) != HTTP_READY)
			fail_msg("%s: %s", req.why, taken[i].head);
		assert_null(req.why);
		assert_slice(req.path, taken[i].path);
		assert_int_equal(req.body_len, taken[i].body_len);
		assert_int_equal(req.keep_alive, taken[i].keep_alive);
		free(head);
	}
}

static void test_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < OTHER_COUNT; i++) {
		size_t len = strlen(others[i].head);
		char *head = exact(others[i].head, len);
		struct http_request req;
		int status = read_whole(&req, head, len);

		if (status != others[i].status)
			fail_msg("%d, not %d: %s", status, others[i].status,
				 others[i].head);
		assert_int_equal(req.why == NULL, status == HTTP_MORE);
		free(head);
	}
}

static int read_bytewise(const char *text)
{
	struct http_scan scan = { 0 };
	struct http_request req;
	int status = HTTP_MORE;

	for (size_t n = 0; n <= strlen(text) && status == HTTP_MORE; n++) {
		char *head = exact(text, n);

		status = http_read(&req, &scan, head, n);
		free(head);
	}
	return status;
}

/* What comes in pieces is judged as what comes at once. */
static void test_byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < TAKEN_COUNT; i++)
		assert_int_equal(read_bytewise(taken[i].head), HTTP_READY);
	for (size_t i = 0; i < OTHER_COUNT; i++)
		assert_int_equal(read_bytewise(others[i].head),
				 others[i].status);
}

static void test_reports_method_and_length(void **state)
{
	static const char head[] = "HEAD /a?b HTTP/1.1\r\n" HOST
				   "Expect: 100-continue\r\n"
				   "Content-Length: 2\r\n\r\nxyGET";
	struct http_request req;

	(void)state;
	assert_int_equal(read_whole(&req, head, sizeof(head) - 1), HTTP_READY);
	assert_slice(req.method, "HEAD");
	assert_slice(req.target, "/a?b");
	assert_true(req.is_head);
	assert_true(req.expects_continue);
	assert_int_equal(req.head_len, sizeof(head) - 1 - 5);
}

/* A refusal in the fields still knows which request it was, for the log. */
static void test_refusal_keeps_request_line(void **state)
{
	static const char head[] = "HEAD /a HTTP/1.1\r\nbad\r\n\r\n";
	struct http_request req;

	(void)state;
	assert_int_equal(read_whole(&req, head, sizeof(head) - 1), 400);
	assert_slice(req.method, "HEAD");
	assert_slice(req.path, "/a");
	assert_true(req.is_head);
	assert_string_equal(req.why, "bad field name");
}

/* head: what stands before the filler; the rest is filled with x. */
static int read_filled(const char *head, size_t len, const char *end)
{
	static char buf[HTTP_HEAD_MAX + 1];
	struct http_request req;

	memset(buf, 'x', sizeof(buf));
	memcpy(buf, head, strlen(head));
	memcpy(buf + len - strlen(end), end, strlen(end));
	return read_whole(&req, buf, len);
}

static void test_limits(void **state)
{
	static const char line[] = " HTTP/1.1\r\n" HOST "\r\n";
	size_t target = 4 + HTTP_TARGET_MAX + sizeof(line) - 1;

	(void)state;
	assert_int_equal(read_filled(GET HOST "X:", HTTP_HEAD_MAX, "\r\n\r\n"),
			 HTTP_READY);
	assert_int_equal(
		read_filled(GET HOST "X:", HTTP_HEAD_MAX - 1, "\r\n\r"),
		HTTP_MORE);
	assert_int_equal(read_filled(GET HOST "X:", HTTP_HEAD_MAX, "\r\n\r"),
			 431);
	assert_int_equal(
		read_filled(GET HOST "X:", HTTP_HEAD_MAX + 1, "\r\n\r\n"), 431);
	assert_int_equal(read_filled("GET /", HTTP_HEAD_MAX - 1, ""),
			 HTTP_MORE);
	assert_int_equal(read_filled("GET /", HTTP_HEAD_MAX, ""), 414);
	assert_int_equal(read_filled("GET /", target, line), HTTP_READY);
	assert_int_equal(read_filled("GET /", target + 1, line), 414);
}

static void test_has_head(void **state)
{
	(void)state;
	assert_true(http_has_head("bad\r\n\r\n", 7));
	assert_false(http_has_head("bad\r\n\r\n", 6));
	assert_false(http_has_head("", 0));
	assert_false(http_has_head("\n\n", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_reports_method_and_length),
		cmocka_unit_test(test_refusal_keeps_request_line),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_has_head),
	};

	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
