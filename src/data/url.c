#include "data/url.h"

#include "base/err.h"
#include "data/digits.h"

enum { IPV4_SIZE = 4, IPV6_SIZE = 16, HTTP_PORT = 80 };

/* Each reader returns where the text goes on, or NULL for a bad one. */
static const char *read_ipv4(uint8_t *out, const char *at)
{
	for (int i = 0; i < IPV4_SIZE; i++) {
		if (i && *at++ != '.')
			return NULL;
		uint32_t byte = digits_take(&at, 10);

		if (byte > UINT8_MAX)
			return NULL;
		out[i] = (uint8_t)byte;
	}
	return at;
}

/*
 * RFC 4291, 2.2, without its third form (IPv4 at the end): groups with a
 * colon between any two, of which one may be double and stands for zeros.
 */
static const char *read_ipv6(uint8_t *out, const char *at)
{
	size_t gap = IPV6_SIZE;
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
		uint32_t group = digits_take(&at, 16);

		if (group > DIGITS_MAX)
			return NULL;
		out[len++] = (uint8_t)(group >> 8);
		out[len++] = (uint8_t)group;
		if (*at != ':' || len == IPV6_SIZE)
			break;
	}
	if (*at != ']' || (gap == IPV6_SIZE) != (len == IPV6_SIZE))
		return NULL;
	while (len > gap)
		out[--to] = out[--len];
	while (to > gap)
		out[--to] = 0;
	return at + 1;
}

static const char *read_address(struct url *out, const char *at)
{
	static const char name[] = "localhost";

	out->to_len = sizeof(out->to.ipv6);
	out->to.any.sa_family = AF_INET6;
	out->is_localhost = strncmp(at, name, sizeof(name) - 1) == 0;
	if (out->is_localhost) {
		out->to.ipv6.sin6_addr.s6_addr[IPV6_SIZE - 1] = 1;
		return at + sizeof(name) - 1;
	}
	if (*at == '[')
		return read_ipv6(out->to.ipv6.sin6_addr.s6_addr, at + 1);
	url_use_ipv4(out);
	return read_ipv4((uint8_t *)&out->to.ipv4.sin_addr, at);
}

static bool read_host(struct url *out, const char *at)
{
	bool is_http = out->scheme == URL_HTTP;
	uint32_t port = is_http ? HTTP_PORT : 0;

	out->host.at = at;
	at = read_address(out, at);
	if (!at)
		return false;
	if (*at == ':') {
		at++;
		port = digits_take(&at, 10);
	}
	out->host.len = (size_t)(at - out->host.at);
	out->path = at;
	/* The port is where it is for IPv6, too. */
	out->to.ipv4.sin_port = htons((uint16_t)port);
	return port - 1 < DIGITS_MAX && *at == (is_http ? '/' : '\0');
}

static bool read_path(struct url *out, const char *at, size_t len)
{
	out->scheme = URL_UNIX;
	out->to_len = sizeof(out->to.local);
	out->to.any.sa_family = AF_UNIX;
	if (len >= sizeof(out->to.local.sun_path))
		return false;
	memcpy(out->to.local.sun_path, at, len);
	return true;
}

static bool read_all(struct url *out, const char *text)
{
	size_t len = 0;

	/* Anything else could end the request's line, or the request. */
	for (; text[len]; len++)
		if (text[len] <= ' ' || text[len] > '~' || len == URL_TEXT_MAX)
			return false;
	if (strncmp(text, "unix:/", 6) == 0)
		return read_path(out, text + 5, len - 5);
	if (strncmp(text, "http://", 7) == 0)
		return read_host(out, text + 7);
	out->scheme = URL_TCP;
	return strncmp(text, "tcp://", 6) == 0 && read_host(out, text + 6);
}

int url_parse(struct url *out, const char *text, struct err *err)
{
	*out = (struct url){ 0 };
	if (read_all(out, text))
		return 0;
	return err_set(err, 0,
		       "'%.*s' is not http://ADDRESS[:PORT]/PATH, "
		       "tcp://ADDRESS:PORT or unix:/PATH",
		       (int)URL_TEXT_MAX, text);
}

void url_use_ipv4(struct url *url)
{
	url->to_len = sizeof(url->to.ipv4);
	url->to.any.sa_family = AF_INET;
	url->to.ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}
