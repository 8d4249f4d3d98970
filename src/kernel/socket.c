#include "kernel/socket.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/call.h"

int socket_open(int family)
{
	return (int)kernel_call(SYS_socket, family,
				SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int socket_connect(int fd, const struct sockaddr *to, size_t len)
{
	return (int)kernel_call(SYS_connect, fd, to, len);
}

bool socket_is_own_peer(int fd, const struct sockaddr *to)
{
	uint64_t own = 0; /* family, port, IPv4 address; the kernel cuts */
	socklen_t len = sizeof(own);

	kernel_call(SYS_getsockname, fd, &own, &len);
	return memcmp(&own, to, sizeof(own)) == 0;
}

ssize_t socket_send(int fd, const void *bytes, size_t len)
{
	return kernel_call(SYS_sendto, fd, bytes, len, MSG_NOSIGNAL, NULL, 0L);
}

int socket_wait(int fd, short events, uint64_t ms)
{
	struct pollfd ready = { .fd = fd, .events = events };

	return poll(&ready, 1, (int)ms);
}
