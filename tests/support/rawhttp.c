/*
 * rawhttp: send bytes to a local port the way no well-behaved client would,
 * and show what comes back.
 *
 *	rawhttp PORT [option value]... <bytes >reply
 *
 * The last line on standard error says how it ended: closed, reset, or open
 * (nothing came for --wait-ms). Exit status 0 whatever the server did.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_MAX = 1 << 20 };

struct options {
	unsigned int split;	    /* bytes per write; 0: all at once */
	unsigned int delay_ms;	    /* after each write */
	unsigned int repeat;	    /* how often the input is sent */
	unsigned int hangup;	    /* 1: end the sending side when done */
	unsigned int wait_ms;	    /* how long to wait for more */
	unsigned int rcvbuf;	    /* SO_RCVBUF; 0: as it is */
	unsigned int read_after_ms; /* read nothing before */
	unsigned int read_max;	    /* bytes per read */
};

static const struct {
	const char *name;
	size_t at;
} known[] = {
	{ "--split", offsetof(struct options, split) },
	{ "--delay-ms", offsetof(struct options, delay_ms) },
	{ "--repeat", offsetof(struct options, repeat) },
	{ "--hangup", offsetof(struct options, hangup) },
	{ "--wait-ms", offsetof(struct options, wait_ms) },
	{ "--rcvbuf", offsetof(struct options, rcvbuf) },
	{ "--read-after-ms", offsetof(struct options, read_after_ms) },
	{ "--read-max", offsetof(struct options, read_max) },
};

static void die(const char *what)
{
	fprintf(stderr, "rawhttp: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || !*text || value > INPUT_MAX) {
		errno = EINVAL;
		die(text);
	}
	return (unsigned int)value;
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
				  known[i].at) = number(argv[1]);
	}
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int dial(unsigned int port, const struct options *options)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int rcvbuf = (int)options->rcvbuf;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	if (rcvbuf &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf)) < 0)
		die("SO_RCVBUF");
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		die("connect");
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		die("O_NONBLOCK");
	return fd;
}

struct sender {
	const char *bytes;
	size_t len;
	size_t at;	   /* within this round */
	unsigned int left; /* rounds */
	int64_t next_ms;   /* not before */
	int hangup;
	int is_reset; /* a write failed: the server hung up on us */
};

/* One write. A server that no longer listens ends the sending, not the test. */
static void send_some(int fd, struct sender *sender,
		      const struct options *options)
{
	size_t len = sender->len - sender->at;

	if (options->split && len > options->split)
		len = options->split;
	ssize_t n = send(fd, sender->bytes + sender->at, len, MSG_NOSIGNAL);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n < 0) {
		sender->is_reset = 1;
		sender->left = 0;
		return;
	}
	sender->at += (size_t)n;
	sender->next_ms = now_ms() + options->delay_ms;
	if (sender->at < sender->len)
		return;
	sender->at = 0;
	sender->left--;
	if (!sender->left && sender->hangup)
		shutdown(fd, SHUT_WR);
}

/* Returns NULL to go on, or how it ended. */
static const char *receive_some(int fd, const struct options *options)
{
	static char buf[65536];
	ssize_t n = read(fd, buf, options->read_max);

	if (n == 0)
		return "closed";
	if (n < 0)
		return errno == EAGAIN ? NULL : "reset";
	if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n)
		die("write");
	return NULL;
}

static const char *talk(int fd, struct sender *sender,
			const struct options *options)
{
	int64_t read_ms = now_ms() + options->read_after_ms;
	int64_t last_ms = read_ms;
	const char *end = NULL;

	while (!end) {
		int64_t now = now_ms();
		short wanted = 0;

		if (now >= read_ms)
			wanted |= POLLIN;
		if (sender->left && now >= sender->next_ms)
			wanted |= POLLOUT;
		struct pollfd ready = { .fd = fd, .events = wanted };

		/* A short sleep stands in for the two timers. */
		poll(&ready, 1, 2);
		if (ready.revents & POLLOUT)
			send_some(fd, sender, options);
		if (wanted & POLLIN && ready.revents & ~POLLOUT) {
			end = receive_some(fd, options);
			last_ms = now_ms();
		} else if (now - last_ms > options->wait_ms && !sender->left) {
			end = "open";
		}
	}
	return end;
}

int main(int argc, char **argv)
{
	static char input[INPUT_MAX];
	struct options options = { .repeat = 1,
				   .wait_ms = 3000,
				   .read_max = 65536 };

	if (argc < 2) {
		fprintf(stderr, "usage: rawhttp PORT [option value]...\n");
		return 2;
	}
	read_options(&options, argv + 2);
	struct sender sender = { .bytes = input,
				 .len = fread(input, 1, sizeof(input), stdin),
				 .left = options.repeat,
				 .hangup = options.hangup };

	if (!sender.len)
		sender.left = 0;
	if (options.read_max > 65536)
		options.read_max = 65536;
	int fd = dial(number(argv[1]), &options);
	const char *end = talk(fd, &sender, &options);

	if (fflush(stdout) != 0)
		die("write");
	fprintf(stderr, "%s\n", sender.is_reset ? "reset" : end);
	return 0;
}
