#ifndef DATA_URL_H
#define DATA_URL_H

/*
 * url: what a probe is pointed at: http://ADDRESS[:PORT]/PATH,
 * tcp://ADDRESS:PORT or unix:/PATH.
 *
 * An image has no resolver, so ADDRESS is IPv4, [IPv6] in hexadecimal or
 * localhost. The text is visible ASCII: what it holds can go into a request
 * as it is.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/un.h>

#include "base/slice.h"

struct err;

enum { URL_TEXT_MAX = 255 }; /* bytes of the whole */

enum url_scheme { URL_HTTP, URL_TCP, URL_UNIX };

struct url {
	enum url_scheme scheme;
	bool is_localhost; /* to is [::1]; 127.0.0.1 is as good */
	struct slice host; /* of URL_HTTP: ADDRESS[:PORT] as written */
	const char *path;  /* of URL_HTTP: from its slash to the end */
	size_t to_len;
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
		struct sockaddr_un local;
	} to;
};

/* Read text, into which *out points. Returns 0, or -1 with *err filled. */
int url_parse(struct url *out, const char *text, struct err *err);

/* What else localhost means: point a URL that says so at 127.0.0.1. */
void url_use_ipv4(struct url *url);

#endif
