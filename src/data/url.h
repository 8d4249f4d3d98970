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

enum {
	URL_TEXT_MAX = 255, /* bytes of the whole */
	URL_PATH_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) - 1,
};

struct url {
	bool is_http;	   /* else a connection is all that is asked for */
	bool is_localhost; /* to is [::1]; 127.0.0.1 is as good */
	const char *path;  /* for HTTP: from its slash to the end */
	struct slice host; /* for HTTP: ADDRESS[:PORT] as written */
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
		struct sockaddr_un local;
	} to;
};

/*
 * Read text, into which *out, zero before, points. Returns 0, or -1 with *err
 * filled. The kernel takes each address at the length of the longest, to.local.
 */
int url_parse(struct url *out, const char *text, struct err *err);

/* What else localhost means: point a URL that says so at 127.0.0.1. */
void url_use_ipv4(struct url *url);

#endif
