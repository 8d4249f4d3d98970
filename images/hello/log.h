#ifndef HELLO_LOG_H
#define HELLO_LOG_H

/*
 * log: one JSON object per line on standard output, one write per line.
 *
 * The service never waits for whoever reads the log: a line that the pipe has
 * no room for is dropped, and the next one that fits says how many were.
 */
#include <stddef.h>
#include <stdint.h>

#include "http.h"

/* At most PIPE_BUF, below which a pipe takes a write whole or not at all. */
enum { LOG_LINE_MAX = 4096 };

struct log {
	uint64_t dropped;
};

struct log_request {
	const uint8_t *peer; /* 16 bytes, IPv4 as a mapped address */
	const struct http_request *request;
	int status;
	size_t bytes; /* of the answer, its head included */
	int64_t duration_us;
};

/* A request was answered. Long methods and paths are cut. */
void log_request(struct log *log, const struct log_request *line);

/* Something else happened; key may be NULL. */
void log_event(struct log *log, const char *event, const char *key,
	       uint64_t value);

/* As log_event, with the address that is listened at. */
void log_listening(struct log *log, const uint8_t ip[16], uint64_t port);

#endif
