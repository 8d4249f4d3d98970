#include "kernel/socket.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int socket_open(int family)
{
	return (int)syscall(SYS_socket, family,
			    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int socket_connect(int fd, const struct sockaddr *to, size_t len)
{
	return (int)syscall(SYS_connect, fd, to, len);
}

bool socket_is_own_peer(int fd, const struct sockaddr *to)
{
	uint64_t own = 0; /* family, port, IPv4 address; the kernel cuts */
	socklen_t len = sizeof(own);

	syscall(SYS_getsockname, fd, &own, &len);
	return memcmp(&own, to, sizeof(own)) == 0;
}

ssize_t socket_send(int fd, const void *bytes, size_t len)
{
	return syscall(SYS_sendto, fd, bytes, len, MSG_NOSIGNAL, NULL, 0L);
}

int socket_wait(int fd, short events, uint64_t ms)
{
	struct pollfd ready = { .fd = fd, .events = events };

	return poll(&ready, 1, (int)ms);
}
