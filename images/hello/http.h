#ifndef HELLO_HTTP_H
#define HELLO_HTTP_H

/*
 * http: reads the head of one HTTP/1 request (RFC 9112), strictly.
 *
 * No I/O, no allocation, no state but what the caller passes. Where the
 * standard lets a server be lenient and leniency is how requests get smuggled
 * past a proxy, the answer is 400: a bare LF or CR, a folded line, a blank
 * before the colon, two lengths, a length beside a transfer coding.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HTTP_HEAD_MAX = 8192, /* request line and fields, with line ends */
	HTTP_TARGET_MAX = 2048,
	HTTP_BODY_MAX = 65536,
};

/* What http_read returns; anything else is the status that refuses. */
enum {
	HTTP_MORE = 0,
	HTTP_READY = 200,
};

/* Bytes of the buffer that was read; no zero byte follows them. */
struct http_slice {
	const char *at;
	size_t len;
};

/* How far a head was looked at; all zero before its first byte. */
struct http_scan {
	size_t at;   /* the next byte to look at */
	size_t line; /* where its line starts */
};

struct http_request {
	struct http_slice method;
	struct http_slice target; /* as received */
	struct http_slice path;	  /* without query; empty: none (OPTIONS *) */
	size_t head_len;
	uint32_t body_len;     /* bytes that follow the head */
	bool is_head;	       /* the method is HEAD: the answer has no body */
	bool keep_alive;       /* another request may follow */
	bool expects_continue; /* the client waits before it sends the body */
	const char *why;       /* what was refused; NULL otherwise */
};

/*
 * Look at the len bytes received so far and, once they hold a whole head,
 * fill *req, whose slices point into buf.
 *
 * Returns HTTP_MORE, HTTP_READY, or the status (400, 411, 413, 414, 417, 431,
 * 501, 505) of a request that must be refused and its connection closed; *req
 * then holds what was understood before. Call again with the same scan and a
 * longer buffer after HTTP_MORE: each byte is scanned once.
 */
int http_read(struct http_request *req, struct http_scan *scan, const char *buf,
	      size_t len);

/* True when buf starts with a whole head, be it valid or not. */
bool http_has_head(const char *buf, size_t len);

#endif
