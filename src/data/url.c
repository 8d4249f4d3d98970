#include "data/url.h"

#include "base/err.h"
#include "data/digits.h"

enum { IPV4_SIZE = 4, IPV6_SIZE = 16, HTTP_PORT = 80 };

/*
 * Each reader returns where the text goes on, or NULL for a bad one; what it
 * writes to is zero before.
 */
static const char *read_ipv4(uint8_t *out, const char *at)
{
	for (int i = 0; i < IPV4_SIZE; i++) {
		if (i && *at++ != '.')
			return NULL;
		struct digits byte = digits_take(at, 10);

		if (byte.value > UINT8_MAX)
			return NULL;
		out[i] = (uint8_t)byte.value;
		at = byte.after;
	}
	return at;
}

/*
 * RFC 4291, 2.2, without its third form (IPv4 at the end): groups with a
 * colon between any two, of which one may be double and stands for zeros.
 */
static const char *read_ipv6(uint8_t *out, const char *at)
{
	size_t gap = IPV6_SIZE; /* where it is; here: none yet */
	size_t to = IPV6_SIZE;
	size_t len = 0;

	if (*at == ':' && *++at != ':')
		return NULL;
	for (;; at++) {
		if (*at == ':' && gap == IPV6_SIZE) {
			gap = len;
			if (*++at == ']')
				break;
		}
		struct digits group = digits_take(at, 16);

		if (group.value > DIGITS_MAX)
			return NULL;
		at = group.after;
		out[len++] = (uint8_t)(group.value >> 8);
		out[len++] = (uint8_t)group.value;
		if (*at != ':' || len == IPV6_SIZE)
			break;
	}
	/* All eight groups, or else a gap. */
	if (*at != ']' || (gap == IPV6_SIZE) != (len == IPV6_SIZE))
		return NULL;
	/* What follows the gap goes to the end and leaves zeros. */
	while (len > gap) {
		uint8_t byte = out[--len];

		out[len] = 0;
		out[--to] = byte;
	}
	return at + 1;
}

static const char *read_address(struct url *out, const char *at)
{
	static const char name[] = "localhost";

	if (*at != '[' && *at != *name) {
		out->to.any.sa_family = AF_INET;
		return read_ipv4((uint8_t *)&out->to.ipv4.sin_addr, at);
	}
	out->to.any.sa_family = AF_INET6;
	if (*at == '[')
		return read_ipv6(out->to.ipv6.sin6_addr.s6_addr, at + 1);
	out->is_localhost = true;
	out->to.ipv6.sin6_addr.s6_addr[IPV6_SIZE - 1] = 1;
	return strncmp(at, name, sizeof(name) - 1) == 0 ? at + sizeof(name) - 1
							: NULL;
}

/* ADDRESS[:PORT], and the path for HTTP, which alone has a default port. */
static bool read_host(struct url *out, const char *at, uint32_t port)
{
	char end = port ? '/' : '\0';

	out->host.at = at;
	at = read_address(out, at);
	if (!at)
		return false;
	if (*at == ':') {
		struct digits digits = digits_take(at + 1, 10);

		port = digits.value;
		at = digits.after;
	}
	out->host.len = (size_t)(at - out->host.at);
	out->path = at;
	/* The port is where it is for IPv6, too. */
	out->to.ipv4.sin_port = htons((uint16_t)port);
	return port - 1 < DIGITS_MAX && *at == end;
}

static bool read_all(struct url *out, const char *text)
{
	size_t len = 0;

	/* Anything else could end the request's line, or the request. */
	for (; text[len]; len++)
		if (text[len] <= ' ' || text[len] > '~' || len == URL_TEXT_MAX)
			return false;
	if (strncmp(text, "http://", 7) == 0) {
		out->is_http = true;
		return read_host(out, text + 7, HTTP_PORT);
	}
	if (strncmp(text, "tcp://", 6) == 0)
		return read_host(out, text + 6, 0);
	if (strncmp(text, "unix:/", 6) != 0 || len > 5 + URL_PATH_MAX)
		return false;
	out->to.any.sa_family = AF_UNIX;
	memcpy(out->to.local.sun_path, text + 5, len - 5);
	return true;
}

int url_parse(struct url *out, const char *text, struct err *err)
{
	if (read_all(out, text))
		return 0;
	return err_set(err, 0,
		       "'%.*s' is not http://ADDRESS[:PORT]/PATH, "
		       "tcp://ADDRESS:PORT or unix:/PATH",
		       (int)URL_TEXT_MAX, text);
}

void url_use_ipv4(struct url *url)
{
	url->to.any.sa_family = AF_INET;
	memcpy(&url->to.ipv4.sin_addr, "\177\0\0\1", IPV4_SIZE);
}
