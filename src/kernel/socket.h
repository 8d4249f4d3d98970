#ifndef KERNEL_SOCKET_H
#define KERNEL_SOCKET_H

/*
 * socket: a stream socket that never blocks, by raw system calls: libc's bring
 * fallbacks for kernels of 2008. Each returns 0, a descriptor or a number of
 * bytes, or -1 with errno set.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sockaddr;

int socket_open(int family);

/*
 * connect(2). EINPROGRESS: wait for POLLOUT and call it again, which gives
 * the result. EAGAIN: a unix socket's queue is full; try later.
 */
int socket_connect(int fd, const struct sockaddr *to, size_t len);

/*
 * Whether a connected socket is its own peer: the kernel chose the very port
 * that was to be reached and where nobody listens. Of IPv6 addresses only the
 * port is compared.
 */
bool socket_is_own_peer(int fd, const struct sockaddr *to);

/* Without SIGPIPE. */
ssize_t socket_send(int fd, const void *bytes, size_t len);

/*
 * Wait for poll(2)'s events on fd, or for ms milliseconds (below 2^31).
 * Returns 1, 0 when the time is over, or -1 with errno set.
 */
int socket_wait(int fd, short events, uint64_t ms);

#endif
