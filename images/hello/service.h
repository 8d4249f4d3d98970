#ifndef HELLO_SERVICE_H
#define HELLO_SERVICE_H

/*
 * service: what is answered. Knows resources and statuses, and no socket.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log.h"

struct http_request;
struct text;

enum {
	SERVICE_NAME_MAX = 64,
	SERVICE_HEAD_MAX = 512,
	SERVICE_BODY_MAX = 1536,
	SERVICE_REPLY_MAX = SERVICE_HEAD_MAX + SERVICE_BODY_MAX,
	SERVICE_SINK_SIZE = 16384,
};

struct service {
	const char *name;
	const char *version;
	const char *host;
	int64_t started_ms;
	uint64_t requests; /* answered so far, refused ones included */
	int64_t idle_ms;   /* how long a client may take over one step */
	bool draining;	   /* no connection outlives its present request */
	struct log log;
	char sink[SERVICE_SINK_SIZE]; /* where unwanted bytes are read to */
};

/* The status that a valid request deserves: 200, 404 or 405. */
int service_status(const struct http_request *req);

/*
 * Append one whole answer of at most SERVICE_REPLY_MAX bytes; with closes it
 * tells the client that no other follows.
 */
void service_answer(struct text *out, const struct service *service,
		    const struct http_request *req, int status, bool closes);

#endif
