#include "init/probe.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fmt.h"
#include "base/num.h"
#include "base/scope.h"
#include "data/reply.h"
#include "data/url.h"
#include "kernel/clock.h"
#include "kernel/socket.h"

enum {
	TIMEOUT_MS = 3000,
	TIMEOUT_MAX_MS = 86400000, /* a day; poll(2) takes an int */
	BACKLOG_MS = 10,
	DRAIN_MS = 100,
};

struct probe {
	uint64_t timeout_ms;
	uint64_t deadline;
	const char *statuses;
	const char *match;
	struct url url;
};

/* Why a call failed; ETIME is wait_for's. */
static int fail(const struct probe *probe, const char *what, struct err *err)
{
	if (errno == ETIME)
		return err_set(err, 0, "timed out after %u ms",
			       (unsigned int)probe->timeout_ms);
	return err_set(err, errno, "%s", what);
}

/* Until fd is ready, or the time is over. */
static int wait_for(const struct probe *probe, int fd, short events)
{
	uint64_t now;

	do {
		now = clock_ms();
		if (now >= probe->deadline) {
			errno = ETIME;
			return -1;
		}
	} while (socket_wait(fd, events, probe->deadline - now) <= 0);
	return 0;
}

/* Returns the connected socket, or -1. */
static int dial(const struct probe *probe, struct err *err)
{
	const struct url *url = &probe->url;
	auto_fd int fd = socket_open(url->to.any.sa_family);

	if (fd < 0)
		return fail(probe, "socket", err);
	while (socket_connect(fd, &url->to.any, url->to_len) < 0) {
		/* A full queue has no event; to poll(2) the socket is ready. */
		if (errno == EAGAIN)
			socket_wait(-1, 0, BACKLOG_MS);
		else if (errno != EINPROGRESS)
			return fail(probe, "connect", err);
		if (wait_for(probe, fd, POLLOUT) < 0)
			return fail(probe, "connect", err);
	}
	if (socket_is_own_peer(fd, &url->to.any, url->to_len)) {
		errno = ECONNREFUSED;
		return fail(probe, "connect", err);
	}
	return steal_fd(&fd);
}

/* At least a byte, 0 at the end, or -1 with errno set. */
static ssize_t receive(const struct probe *probe, int fd, char *to, size_t max)
{
	if (wait_for(probe, fd, POLLIN) < 0)
		return -1;
	return read(fd, to, max);
}

/* Returns 0 for healthy, -1 with *err filled, or 1: read on, if there is. */
static int judge(const struct probe *probe, struct slice bytes, struct err *err)
{
	struct reply reply;

	switch (reply_read(&reply, bytes)) {
	case REPLY_BAD:
		return err_set(err, 0, "not an HTTP reply");
	case REPLY_MORE:
		err_set(err, 0, "the reply ends early");
		return 1;
	case REPLY_HEAD:
		break;
	}
	if (!reply_is_among(probe->statuses, reply.status))
		return err_set(err, 0, "status %u", reply.status);
	if (reply_holds(&reply, probe->match))
		return 0;
	err_set(err, 0, "no match in the body");
	return reply.body.len < REPLY_BODY_MAX ? 1 : -1;
}

/* Ask, and read until there is an answer. */
static int ask(struct probe *probe, int fd, struct err *err)
{
	static char buf[REPLY_HEAD_MAX + REPLY_BODY_MAX];
	size_t len = fmt(buf, sizeof(buf),
			 "GET %s HTTP/1.0\r\nHost: %.*s\r\n"
			 "User-Agent: pith-init\r\nConnection: close\r\n\r\n",
			 probe->url.path, SLICE_ARGS(probe->url.host));
	ssize_t n = socket_send(fd, buf, len);
	int verdict;

	/* A new socket takes these few hundred bytes at once. */
	if (n != (ssize_t)len)
		return fail(probe, "send", err);
	len = 0;
	do {
		n = receive(probe, fd, buf + len, sizeof(buf) - len);
		if (n < 0)
			return fail(probe, "receive", err);
		len += (size_t)n;
		verdict = judge(probe, (struct slice){ buf, len }, err);
	} while (verdict > 0 && n > 0);
	/* A server that writes its body apart would be sent a reset. */
	if (probe->deadline > clock_ms() + DRAIN_MS)
		probe->deadline = clock_ms() + DRAIN_MS;
	while (n > 0)
		n = receive(probe, fd, buf, sizeof(buf));
	return verdict ? -1 : 0;
}

static bool set_option(struct probe *probe, const char *name, const char *value)
{
	if (!value)
		return false;
	if (strcmp(name, "--timeout") == 0)
		return num_span_ms(&probe->timeout_ms, slice_from(value)) &&
		       probe->timeout_ms - 1 < TIMEOUT_MAX_MS;
	if (probe->url.scheme != URL_HTTP)
		return false;
	if (strcmp(name, "--status") == 0) {
		probe->statuses = value;
		return reply_is_among(value, 0) >= 0;
	}
	probe->match = value;
	return strcmp(name, "--match") == 0;
}

static int read_args(struct probe *probe, char *const *args, struct err *err)
{
	if (url_parse(&probe->url, args[0] ? args[0] : "", err) < 0)
		return -1;
	for (args++; args[-1] && *args; args += 2)
		if (!set_option(probe, args[0], args[1]))
			return err_set(err, 0, "bad option: %s %s", args[0],
				       args[1] ? args[1] : "");
	return 0;
}

static int run(struct probe *probe, struct err *err)
{
	auto_fd int fd = dial(probe, err);

	if (fd < 0 && probe->url.is_localhost) {
		url_use_ipv4(&probe->url);
		fd = dial(probe, err);
	}
	if (fd < 0)
		return -1;
	return probe->url.scheme == URL_HTTP ? ask(probe, fd, err) : 0;
}

int probe_run(char *const *args, struct err *err)
{
	struct probe probe = {
		.timeout_ms = TIMEOUT_MS,
		.statuses = "200-399",
		.match = "",
	};

	/*
	 * First: the service may have this uid, and no filter holds this
	 * process, which must not be written to through /proc.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    read_args(&probe, args, err) < 0) {
		err_wrap(err, "--probe");
		return PROBE_FAILED;
	}
	probe.deadline = clock_ms() + probe.timeout_ms;
	if (run(&probe, err) == 0)
		return PROBE_HEALTHY;
	err_wrap(err, "probe %s", args[0]);
	return PROBE_UNHEALTHY;
}
