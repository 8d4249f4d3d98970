#ifndef HELLO_SERVER_H
#define HELLO_SERVER_H

/*
 * server: the event loop. One thread, one epoll set, a fixed table of
 * connections; nothing is allocated after the start.
 *
 * A full table, or a kernel short of descriptors or memory, stops the server
 * from accepting for a moment: clients wait in the backlog and nothing spins.
 */
#include <stdint.h>

#include "conn.h"
#include "service.h"

enum { SERVER_CONN_MAX = 512 };

struct server {
	uint8_t ip[16]; /* where to listen, IPv4 as a mapped address */
	uint16_t port;
	unsigned int limit; /* connections at a time, <= SERVER_CONN_MAX */
	int64_t drain_ms;   /* how long a drain may take */
	int epoll_fd;
	int listen_fd; /* -1 once draining */
	int signal_fd;
	int64_t now_ms;
	int64_t wake_ms;      /* no deadline of a connection is earlier */
	int64_t accept_ms;    /* when to accept again; 0: accepting */
	int64_t complaint_ms; /* when the log last said why not */
	int64_t end_ms;	      /* when the drain ends; 0: not draining */
	unsigned int used;
	/* Indices of conns: the first used are open, the others are free. */
	uint16_t slots[SERVER_CONN_MAX];
	uint16_t places[SERVER_CONN_MAX]; /* slots[places[index]] == index */
	struct service service;
	struct conn conns[SERVER_CONN_MAX];
};

/*
 * Listen on port at ip. "::" serves both families, and becomes 0.0.0.0 where
 * the kernel has no IPv6. Returns 0, or -1 with errno set.
 */
int server_listen(struct server *server);

/*
 * After server_listen: serve until SIGTERM or SIGINT, then drain and return
 * 0; or -1 with errno set when the loop cannot run. The caller has filled
 * service, limit and drain_ms.
 */
int server_run(struct server *server);

#endif
