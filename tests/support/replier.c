/*
 * replier: a server that answers with the bytes of its standard input, in
 * ways no well-behaved one would. Prints its port, or its path, when it
 * listens; serves one connection after another until it is killed.
 *
 *	replier IPV4|IPV6|/SOCKET [option value]... <reply
 *
 * What it is sent is shown on standard error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { INPUT_MAX = 1 << 20 };

struct options {
	unsigned int split;    /* bytes per write; 0: all at once */
	unsigned int delay_ms; /* after each write */
	unsigned int repeat;   /* how often the input is sent; 0: for ever */
	unsigned int reset;    /* 1: end with a reset */
	unsigned int hold;     /* 1: never end the connection */
	unsigned int backlog;  /* of listen(2) */
	unsigned int deaf;     /* 1: accept nothing */
};

static const struct {
	const char *name;
	size_t at;
} known[] = {
	{ "--split", offsetof(struct options, split) },
	{ "--delay-ms", offsetof(struct options, delay_ms) },
	{ "--repeat", offsetof(struct options, repeat) },
	{ "--reset", offsetof(struct options, reset) },
	{ "--hold", offsetof(struct options, hold) },
	{ "--backlog", offsetof(struct options, backlog) },
	{ "--deaf", offsetof(struct options, deaf) },
};

static void die(const char *what)
{
	fprintf(stderr, "replier: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void read_options(struct options *options, char **argv)
{
	for (; *argv; argv += 2) {
		size_t i = 0;

		while (i < sizeof(known) / sizeof(known[0]) &&
		       strcmp(*argv, known[i].name) != 0)
			i++;
		errno = EINVAL;
		if (i == sizeof(known) / sizeof(known[0]) || !argv[1])
			die(*argv);
		*(unsigned int *)((char *)options +
				  known[i].at) = (unsigned int)atoi(argv[1]);
	}
}

union address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
	struct sockaddr_un local;
};

static int listen_at(const char *where, int backlog)
{
	union address at = { 0 };
	socklen_t len = sizeof(at.local);

	if (where[0] == '/') {
		at.local.sun_family = AF_UNIX;
		strncpy(at.local.sun_path, where,
			sizeof(at.local.sun_path) - 1);
	} else if (inet_pton(AF_INET, where, &at.ipv4.sin_addr) == 1) {
		at.ipv4.sin_family = AF_INET;
	} else if (inet_pton(AF_INET6, where, &at.ipv6.sin6_addr) == 1) {
		at.ipv6.sin6_family = AF_INET6;
	}
	int fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, &at.any, len) < 0 || listen(fd, backlog) < 0 ||
	    getsockname(fd, &at.any, &len) < 0)
		die(where);
	if (where[0] == '/')
		puts(where);
	else
		printf("%u\n", ntohs(at.ipv4.sin_port));
	fflush(stdout);
	return fd;
}

/* Returns 0 when the client has gone. */
static int send_once(int fd, const char *bytes, size_t len,
		     const struct options *options)
{
	size_t step = options->split ? options->split : len;

	for (size_t at = 0; at < len; at += step) {
		size_t n = len - at < step ? len - at : step;

		if (send(fd, bytes + at, n, MSG_NOSIGNAL) < 0)
			return 0;
		usleep(options->delay_ms * 1000);
	}
	return 1;
}

static void serve(int fd, const char *bytes, size_t len,
		  const struct options *options)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	char request[4096];
	ssize_t n = read(fd, request, sizeof(request));

	if (options->reset)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
			   sizeof(at_once));
	if (n > 0)
		fwrite(request, 1, (size_t)n, stderr);
	for (unsigned int i = 0; !options->repeat || i < options->repeat; i++)
		if (!len || !send_once(fd, bytes, len, options))
			break;
	/* Until the client hangs up. */
	while (options->hold && read(fd, request, sizeof(request)) > 0)
		continue;
	/* Which it must do by an orderly end, never by a reset. */
	if (!options->reset && (shutdown(fd, SHUT_WR) < 0 ||
				read(fd, request, sizeof(request)) < 0))
		fprintf(stderr, "reset\n");
	close(fd);
}

int main(int argc, char **argv)
{
	static char input[INPUT_MAX];
	struct options options = { .repeat = 1, .backlog = 16 };

	if (argc < 2) {
		fprintf(stderr, "usage: replier ADDRESS [option value]...\n");
		return 2;
	}
	read_options(&options, argv + 2);
	size_t len = fread(input, 1, sizeof(input), stdin);
	int fd = listen_at(argv[1], (int)options.backlog);

	while (options.deaf)
		pause();
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client >= 0)
			serve(client, input, len, &options);
	}
}
