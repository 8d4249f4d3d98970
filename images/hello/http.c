#include "http.h"

#include <string.h>
#include <strings.h>

#define SLICE(text) ((struct http_slice){ (text), sizeof(text) - 1 })

/* What the fields said, before it is known whether they agree. */
struct fields {
	unsigned int minor; /* of HTTP/1.x */
	bool has_host;
	bool has_length;
	bool has_coding;
	bool is_chunked;
	uint64_t length; /* UINT64_MAX: too large to count */
};

static int refuse(struct http_request *req, int status, const char *why)
{
	req->why = why;
	return status;
}

static bool is_same(struct http_slice a, struct http_slice b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static bool is_same_nocase(struct http_slice a, struct http_slice b)
{
	return a.len == b.len && strncasecmp(a.at, b.at, a.len) == 0;
}

static bool has_prefix_nocase(struct http_slice s, struct http_slice prefix)
{
	return s.len >= prefix.len &&
	       strncasecmp(s.at, prefix.at, prefix.len) == 0;
}

static struct http_slice skip(struct http_slice s, size_t n)
{
	return (struct http_slice){ s.at + n, s.len - n };
}

/* How many bytes precede stop, or s.len when it does not occur. */
static size_t span_until(struct http_slice s, char stop)
{
	const char *found = s.len ? memchr(s.at, stop, s.len) : NULL;

	return found ? (size_t)(found - s.at) : s.len;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* tchar of RFC 9110, 5.6.2. */
static bool is_token_char(char c)
{
	char lower = (char)(c | 0x20);

	if (is_digit(c) || (lower >= 'a' && lower <= 'z'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~", c);
}

static bool is_token(struct http_slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_token_char(s.at[i]))
			return false;
	return s.len > 0;
}

/* Every byte is visible ASCII and none of those in except. */
static bool is_visible(struct http_slice s, const char *except)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] <= ' ' || s.at[i] > '~' || strchr(except, s.at[i]))
			return false;
	return true;
}

static struct http_slice trim(struct http_slice s)
{
	while (s.len && (s.at[0] == ' ' || s.at[0] == '\t'))
		s = skip(s, 1);
	while (s.len && (s.at[s.len - 1] == ' ' || s.at[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/*
 * The path of http://authority/path?query, which a server must accept from
 * anybody although only proxies are sent it (RFC 9112, 3.2.2).
 */
static bool read_absolute(struct http_slice *path, struct http_slice target)
{
	struct http_slice rest;

	if (has_prefix_nocase(target, SLICE("http://")))
		rest = skip(target, 7);
	else if (has_prefix_nocase(target, SLICE("https://")))
		rest = skip(target, 8);
	else
		return false;
	size_t n = span_until(rest, '/');
	size_t query = span_until(rest, '?');

	if (query < n)
		n = query;
	if (!n || memchr(rest.at, '@', n))
		return false;
	*path = skip(rest, n);
	if (!path->len || path->at[0] == '?')
		*path = SLICE("/");
	return true;
}

static int read_target(struct http_request *req, struct http_slice target)
{
	if (target.len > HTTP_TARGET_MAX)
		return refuse(req, 414, "target too long");
	if (!target.len || !is_visible(target, "#"))
		return refuse(req, 400, "bad target");
	req->target = target;
	if (target.at[0] == '/')
		req->path = target;
	else if (!read_absolute(&req->path, target) &&
		 !is_same(req->method, SLICE("CONNECT")) &&
		 !(is_same(req->method, SLICE("OPTIONS")) &&
		   is_same(target, SLICE("*"))))
		return refuse(req, 400, "bad target");
	req->path.len = span_until(req->path, '?');
	return HTTP_READY;
}

/* HTTP/1.0 and 1.1; a later 1.x is spoken to as 1.1 (RFC 9110, 2.5). */
static int read_version(struct http_request *req, struct fields *fields,
			struct http_slice s)
{
	if (s.len != 8 || memcmp(s.at, "HTTP/", 5) != 0 || !is_digit(s.at[5]) ||
	    s.at[6] != '.' || !is_digit(s.at[7]))
		return refuse(req, 400, "bad version");
	if (s.at[5] != '1')
		return refuse(req, 505, "version not supported");
	fields->minor = (unsigned int)(s.at[7] - '0');
	req->keep_alive = fields->minor > 0;
	return HTTP_READY;
}

/* method SP target SP version, with exactly one space at each place. */
static int read_request_line(struct http_request *req, struct fields *fields,
			     struct http_slice line)
{
	size_t n = span_until(line, ' ');
	struct http_slice method = { line.at, n };

	if (n == line.len || !is_token(method))
		return refuse(req, 400, "bad request line");
	req->method = method;
	req->is_head = is_same(method, SLICE("HEAD"));
	line = skip(line, n + 1);
	n = span_until(line, ' ');
	if (n == line.len)
		return refuse(req, 400, "bad request line");
	int status = read_version(req, fields, skip(line, n + 1));

	if (status != HTTP_READY)
		return status;
	return read_target(req, (struct http_slice){ line.at, n });
}

static int set_host(struct http_request *req, struct fields *fields,
		    struct http_slice value)
{
	if (fields->has_host)
		return refuse(req, 400, "two Host fields");
	if (!is_visible(value, "#,/?@\\"))
		return refuse(req, 400, "bad Host");
	fields->has_host = true;
	return HTTP_READY;
}

static int set_length(struct http_request *req, struct fields *fields,
		      struct http_slice value)
{
	/* Equal ones too: a proxy may have believed only one of them. */
	if (fields->has_length)
		return refuse(req, 400, "two Content-Length fields");
	if (!value.len)
		return refuse(req, 400, "bad Content-Length");
	for (size_t i = 0; i < value.len; i++) {
		uint64_t digit = (uint64_t)(value.at[i] - '0');

		if (!is_digit(value.at[i]))
			return refuse(req, 400, "bad Content-Length");
		if (__builtin_mul_overflow(fields->length, 10,
					   &fields->length) ||
		    __builtin_add_overflow(fields->length, digit,
					   &fields->length))
			fields->length = UINT64_MAX;
	}
	fields->has_length = true;
	return HTTP_READY;
}

static int set_coding(struct http_request *req, struct fields *fields,
		      struct http_slice value)
{
	(void)req;
	fields->is_chunked = !fields->has_coding &&
			     is_same_nocase(value, SLICE("chunked"));
	fields->has_coding = true;
	return HTTP_READY;
}

static int set_connection(struct http_request *req, struct fields *fields,
			  struct http_slice value)
{
	(void)fields;
	while (value.len) {
		size_t n = span_until(value, ',');
		struct http_slice option = trim(
			(struct http_slice){ value.at, n });

		if (is_same_nocase(option, SLICE("close")))
			req->keep_alive = false;
		value = skip(value, n < value.len ? n + 1 : n);
	}
	return HTTP_READY;
}

static int set_expect(struct http_request *req, struct fields *fields,
		      struct http_slice value)
{
	/* A 1.0 client cannot mean it (RFC 9110, 10.1.1). */
	if (fields->minor == 0)
		return HTTP_READY;
	if (!is_same_nocase(value, SLICE("100-continue")))
		return refuse(req, 417, "unknown expectation");
	req->expects_continue = true;
	return HTTP_READY;
}

static const struct {
	struct http_slice name;
	int (*set)(struct http_request *req, struct fields *fields,
		   struct http_slice value);
} known[] = {
	{ { "Host", 4 }, set_host },
	{ { "Content-Length", 14 }, set_length },
	{ { "Transfer-Encoding", 17 }, set_coding },
	{ { "Connection", 10 }, set_connection },
	{ { "Expect", 6 }, set_expect },
};

static int read_field(struct http_request *req, struct fields *fields,
		      struct http_slice line)
{
	size_t n = span_until(line, ':');
	struct http_slice name = { line.at, n };

	if (line.at[0] == ' ' || line.at[0] == '\t')
		return refuse(req, 400, "folded line");
	if (n == line.len || !is_token(name))
		return refuse(req, 400, "bad field name");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (is_same_nocase(name, known[i].name))
			return known[i].set(req, fields,
					    trim(skip(line, n + 1)));
	return HTTP_READY;
}

/* Decide, from all fields together, where this request ends. */
static int frame(struct http_request *req, const struct fields *fields)
{
	if (fields->minor > 0 && !fields->has_host)
		return refuse(req, 400, "no Host");
	if (fields->has_coding && fields->has_length)
		return refuse(req, 400, "length beside transfer coding");
	if (fields->has_coding && fields->minor == 0)
		return refuse(req, 400, "transfer coding in HTTP/1.0");
	if (fields->has_coding && !fields->is_chunked)
		return refuse(req, 501, "unknown transfer coding");
	/*
	 * No resource here takes a body, so none is worth a chunk parser:
	 * RFC 9112, 6.3 lets a server insist on a length.
	 */
	if (fields->has_coding)
		return refuse(req, 411, "body without length");
	if (fields->length > HTTP_BODY_MAX)
		return refuse(req, 413, "body too large");
	req->body_len = (uint32_t)fields->length;
	return HTTP_READY;
}

/* head is whole and its lines end in CR LF, as scan_head saw. */
static int parse(struct http_request *req, struct http_slice head)
{
	struct fields fields = { 0 };
	bool is_first = true;

	while (head.at[0] != '\r') {
		size_t n = span_until(head, '\r');
		struct http_slice line = { head.at, n };
		int status = is_first ? read_request_line(req, &fields, line)
				      : read_field(req, &fields, line);

		if (status != HTTP_READY)
			return status;
		is_first = false;
		head = skip(head, n + 2);
	}
	if (is_first)
		return refuse(req, 400, "empty request line");
	return frame(req, &fields);
}

static bool is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t') || c == 127;
}

enum scanned { SCAN_MORE, SCAN_WHOLE, SCAN_BAD };

/*
 * Look for the empty line, and refuse at once what no later byte can mend. So
 * a client that speaks another protocol (TLS, say) learns it immediately. On
 * SCAN_WHOLE scan->at is the head's length.
 */
static enum scanned scan_head(struct http_scan *scan, const char *buf,
			      size_t len)
{
	while (scan->at < len) {
		size_t i = scan->at;

		if (buf[i] != '\r') {
			if (is_control(buf[i]))
				return SCAN_BAD;
			scan->at++;
			continue;
		}
		if (i + 1 == len)
			return SCAN_MORE;
		if (buf[i + 1] != '\n')
			return SCAN_BAD;
		scan->at = i + 2;
		if (i == scan->line)
			return SCAN_WHOLE;
		scan->line = scan->at;
	}
	return SCAN_MORE;
}

int http_read(struct http_request *req, struct http_scan *scan, const char *buf,
	      size_t len)
{
	bool is_long = len >= HTTP_HEAD_MAX;

	*req = (struct http_request){ 0 };
	switch (scan_head(scan, buf, is_long ? HTTP_HEAD_MAX : len)) {
	case SCAN_WHOLE:
		req->head_len = scan->at;
		return parse(req, (struct http_slice){ buf, scan->at });
	case SCAN_BAD:
		return refuse(req, 400, "bare CR or LF, or a control byte");
	case SCAN_MORE:
		break;
	}
	if (!is_long)
		return HTTP_MORE;
	if (!scan->line)
		return refuse(req, 414, "request line too long");
	return refuse(req, 431, "head too large");
}

bool http_has_head(const char *buf, size_t len)
{
	struct http_scan scan = { 0 };

	return scan_head(&scan, buf, len) == SCAN_WHOLE;
}
