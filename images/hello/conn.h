#ifndef HELLO_CONN_H
#define HELLO_CONN_H

/*
 * conn: one client's connection, from its first byte to its last.
 *
 * Reads and writes its own socket and nothing else; after each call the
 * caller learns what to wait for. A step that the client drives (a head, a
 * body, taking the answers) has a deadline that no single byte extends, so a
 * trickling client cannot hold a place.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http.h"

struct service;

enum { CONN_OUT_SIZE = 8192 };

enum conn_state {
	CONN_HEAD,   /* between requests, or inside a head */
	CONN_BODY,   /* inside a body, whose bytes are thrown away */
	CONN_LINGER, /* all said: waiting for the client to hang up */
};

enum conn_want {
	CONN_READ,
	CONN_WRITE,
	CONN_CLOSE, /* the caller closes the socket and forgets the struct */
};

struct conn {
	int fd;
	enum conn_want want;
	enum conn_state state;
	bool closes;   /* the last answer is in out */
	bool answered; /* at least one request was */
	uint8_t peer[16];
	int64_t deadline_ms;
	int64_t read_ns;  /* when bytes last came */
	int64_t began_ns; /* when those of the present request did */
	uint32_t body_left;
	size_t in_at; /* in[in_at .. in_len) is not answered yet */
	size_t in_len;
	size_t out_at; /* out[out_at .. out_len) is not sent yet */
	size_t out_len;
	struct http_scan scan;
	struct http_request request; /* its slices point into in */
	char out[CONN_OUT_SIZE];
	char in[HTTP_HEAD_MAX];
};

/* Start with a connected, non-blocking socket. */
void conn_open(struct conn *conn, const struct service *service, int fd,
	       const uint8_t peer[16]);

/* The socket is ready for what was wanted. */
enum conn_want conn_ready(struct conn *conn, struct service *service);

/* The deadline has passed. */
enum conn_want conn_expire(struct conn *conn, struct service *service);

/*
 * service->draining has just become true. A request that has arrived is still
 * answered; a client that was answered and is silent is dropped.
 */
enum conn_want conn_drain(struct conn *conn, struct service *service);

/* True between requests: nothing received that is not answered and sent. */
bool conn_is_quiet(const struct conn *conn);

#endif
