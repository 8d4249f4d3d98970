#ifndef DATA_NETLIST_H
#define DATA_NETLIST_H

/*
 * netlist: the lines of /proc/net/tcp, udp and their like for IPv6, proc(5).
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum { NETLIST_LISTEN = 0x0A }; /* TCP_LISTEN; of UDP 7, TCP_CLOSE, is open */

struct netlist_socket {
	uint16_t port; /* the local one */
	uint64_t state;
	uint64_t inode;
};

/* Take the next socket off the front of *rest; other lines are passed over. */
bool netlist_next(struct netlist_socket *out, struct slice *rest);

#endif
