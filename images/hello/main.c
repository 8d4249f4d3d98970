/*
 * hello: a small JSON service over HTTP/1.1, the toolkit's example.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "clock.h"
#include "server.h"
#include "text.h"

enum { EXIT_USAGE = 2, HOUR_MS = 3600000 };

enum option {
	OPTION_PORT,
	OPTION_CONNECTIONS,
	OPTION_IDLE,
	OPTION_DRAIN,
	OPTION_COUNT
};

static const struct number {
	const char *name;
	const char *help;
	uint32_t min, max, normal;
} numbers[OPTION_COUNT] = {
	{ "--port", "where to listen", 1, 65535, 8080 },
	{ "--connections", "how many at a time", 1, SERVER_CONN_MAX,
	  SERVER_CONN_MAX },
	{ "--idle-ms", "how long a client may keep silent", 1, HOUR_MS, 10000 },
	{ "--drain-ms", "how long SIGTERM waits for answers", 0, HOUR_MS,
	  5000 },
};

struct options {
	uint32_t number[OPTION_COUNT];
	uint8_t ip[16];
};

/* 9 MB that cost memory only as far as connections use them. */
static struct server server;

static void say(int fd, const char *const *parts)
{
	char buf[1024];
	struct text text = { buf, 0, sizeof(buf) };

	while (*parts)
		text_str(&text, *parts++);
	if (write(fd, text.buf, text.len) < 0)
		return;
}

#define SAY(fd, ...) say(fd, (const char *const[]){ __VA_ARGS__, NULL })

static int fail(int status, const char *what, const char *which,
		const char *why)
{
	SAY(STDERR_FILENO, "hello: ", what, ": ", which, ": ", why, "\n");
	return status;
}

static void put_help(void)
{
	char buf[1024];
	struct text text = { buf, 0, sizeof(buf) };

	text_str(&text, "usage: hello [option value]...\n"
			"  --address A: numeric, IPv4 or IPv6; default ::\n");
	for (int i = 0; i < OPTION_COUNT; i++) {
		text_str(&text, "  ");
		text_str(&text, numbers[i].name);
		text_str(&text, " N: ");
		text_str(&text, numbers[i].help);
		text_str(&text, ", ");
		text_u64(&text, numbers[i].min);
		text_str(&text, " to ");
		text_u64(&text, numbers[i].max);
		text_str(&text, "; default ");
		text_u64(&text, numbers[i].normal);
		text_str(&text, "\n");
	}
	if (write(STDOUT_FILENO, text.buf, text.len) < 0)
		return;
}

/* Digits only, all of them, within the option's bounds. */
static bool read_number(uint32_t *out, const struct number *option,
			const char *s)
{
	uint64_t value = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		value = value * 10 + (uint64_t)(*s - '0');
		if (value > option->max)
			return false;
	}
	*out = (uint32_t)value;
	return value >= option->min;
}

static bool read_address(uint8_t ip[16], const char *s)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET6, s, ip) == 1)
		return true;
	memcpy(ip, mapped, sizeof(mapped));
	return inet_pton(AF_INET, s, ip + 12) == 1;
}

/* value is NULL when the arguments end with name. */
static int set_option(struct options *options, const char *name,
		      const char *value)
{
	bool is_address = !strcmp(name, "--address");
	int i = 0;

	while (i < OPTION_COUNT && strcmp(name, numbers[i].name) != 0)
		i++;
	if (!is_address && i == OPTION_COUNT)
		return fail(EXIT_USAGE, "option", name, "unknown; see --help");
	if (!value)
		return fail(EXIT_USAGE, "option", name, "its value is missing");
	if (is_address && !read_address(options->ip, value))
		return fail(EXIT_USAGE, name, value, "not a numeric address");
	if (!is_address &&
	    !read_number(&options->number[i], &numbers[i], value))
		return fail(EXIT_USAGE, name, value,
			    "not a number, or out of bounds; see --help");
	return 0;
}

static int read_options(struct options *options, char **argv)
{
	*options = (struct options){ 0 };
	for (int i = 0; i < OPTION_COUNT; i++)
		options->number[i] = numbers[i].normal;
	for (; *argv; argv += 2) {
		int status = set_option(options, argv[0], argv[1]);

		if (status)
			return status;
	}
	return 0;
}

static int fail_listen(int num)
{
	char where[64];
	struct text text = { where, 0, sizeof(where) - 1 };

	text_str(&text, "[");
	text_address(&text, server.ip);
	text_str(&text, "]:");
	text_u64(&text, server.port);
	where[text.len] = '\0';
	return fail(EXIT_FAILURE, "listen", where, strerror(num));
}

static void set_up(const struct options *options)
{
	static struct utsname names; /* the service points into it */
	const char *name = getenv("SERVICE_NAME");
	struct service *service = &server.service;

	memcpy(server.ip, options->ip, sizeof(server.ip));
	server.port = (uint16_t)options->number[OPTION_PORT];
	server.limit = options->number[OPTION_CONNECTIONS];
	server.drain_ms = options->number[OPTION_DRAIN];
	service->idle_ms = options->number[OPTION_IDLE];
	service->name = name && *name ? name : "hello";
	service->version = HELLO_VERSION;
	service->host = uname(&names) < 0 ? "" : names.nodename;
	service->started_ms = clock_ms();
}

int main(int argc, char **argv)
{
	struct options options;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		put_help();
		return EXIT_SUCCESS;
	}
	/* argv may be empty, and then even argv[0] is no name. */
	int status = read_options(&options, argc ? argv + 1 : argv);

	if (status)
		return status;
	set_up(&options);
	if (server_listen(&server) < 0)
		return fail_listen(errno);
	if (server_run(&server) < 0)
		return fail(EXIT_FAILURE, "event loop", "stopped",
			    strerror(errno));
	return EXIT_SUCCESS;
}
