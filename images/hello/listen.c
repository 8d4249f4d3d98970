#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 1024 };

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

/* Close fd, keep errno, return -1. */
static int undo(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

static int bind_v4(int fd, const uint8_t ip[4], uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(port) };

	memcpy(&at.sin_addr, ip, 4);
	return bind(fd, (struct sockaddr *)&at, sizeof(at));
}

static int bind_v6(int fd, const uint8_t ip[16], uint16_t port)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
				   .sin6_port = htons(port) };
	int no = 0;

	memcpy(&at.sin6_addr, ip, 16);
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) < 0)
		return -1;
	return bind(fd, (struct sockaddr *)&at, sizeof(at));
}

static int listen_at(const uint8_t ip[16], uint16_t port)
{
	bool is_v4 = memcmp(ip, mapped, sizeof(mapped)) == 0;
	int yes = 1;
	int fd = socket(is_v4 ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* A restart must not wait for the last run's TIME_WAIT sockets. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
		return undo(fd);
	/* Inherited by what is accepted: answers are written whole. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) < 0)
		return undo(fd);
	if ((is_v4 ? bind_v4(fd, ip + 12, port) : bind_v6(fd, ip, port)) < 0)
		return undo(fd);
	if (listen(fd, LISTEN_BACKLOG) < 0)
		return undo(fd);
	return fd;
}

static bool is_no_ipv6(int num)
{
	return num == EAFNOSUPPORT || num == EADDRNOTAVAIL || num == EPERM;
}

int server_listen(struct server *server)
{
	static const uint8_t any[16];

	server->listen_fd = listen_at(server->ip, server->port);
	/* Not built in, refused by a sandbox, or no address on any device. */
	if (server->listen_fd < 0 && is_no_ipv6(errno) &&
	    memcmp(server->ip, any, sizeof(any)) == 0) {
		memcpy(server->ip, mapped, sizeof(mapped));
		server->listen_fd = listen_at(server->ip, server->port);
	}
	return server->listen_fd < 0 ? -1 : 0;
}
