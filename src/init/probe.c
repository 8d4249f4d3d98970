#include "init/probe.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fmt.h"
#include "base/num.h"
#include "data/reply.h"
#include "data/url.h"
#include "kernel/clock.h"
#include "kernel/process.h"
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

/* Until fd is ready; -1 with errno ETIME when the time is over. */
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

static int fail(const struct probe *probe, const char *what, struct err *err)
{
	if (errno == ETIME)
		return err_set(err, 0, "timed out after %u ms",
			       (unsigned int)probe->timeout_ms);
	return err_set(err, errno, "%s", what);
}

/*
 * Returns the connected socket, or -1 with errno set. No socket is closed: the
 * process ends with the answer.
 */
static int dial(const struct probe *probe)
{
	const struct url *url = &probe->url;
	int fd = socket_open(url->to.any.sa_family);

	if (fd < 0)
		return -1;
	while (socket_connect(fd, &url->to.any, sizeof(url->to.local)) < 0) {
		/* A full queue has no event; to poll(2) the socket is ready. */
		if (errno == EAGAIN)
			socket_wait(-1, 0, BACKLOG_MS);
		else if (errno != EINPROGRESS)
			return -1;
		if (wait_for(probe, fd, POLLOUT) < 0)
			return -1;
	}
	if (!socket_is_own_peer(fd, &url->to.any))
		return fd;
	errno = ECONNREFUSED;
	return -1;
}

/*
 * Returns 0 for healthy, -1 for not, or 1 while more could change it; *err
 * says why it is not healthy yet.
 */
static int judge(const struct probe *probe, struct slice bytes, struct err *err)
{
	struct reply reply;
	int state = reply_read(&reply, bytes);

	err_set(err, 0, "no HTTP reply");
	if (state != 0)
		return state;
	err_set(err, 0, "status %u", reply.status);
	if (!reply_is_among(probe->statuses, reply.status))
		return -1;
	if (reply_holds(&reply, probe->match))
		return 0;
	err_set(err, 0, "no match in the body");
	return reply.body.len < REPLY_BODY_MAX ? 1 : -1;
}

static int ask(struct probe *probe, int fd, struct err *err)
{
	static char buf[REPLY_HEAD_MAX + REPLY_BODY_MAX];
	size_t len = fmt(buf, sizeof(buf),
			 "GET %s HTTP/1.0\r\nHost: %.*s\r\n"
			 "User-Agent: pith-init\r\nConnection: close\r\n\r\n",
			 probe->url.path, SLICE_ARGS(probe->url.host));
	int verdict = judge(probe, (struct slice){ buf, 0 }, err);
	ssize_t n;

	/* A new socket takes all of it; what fails here fails to answer. */
	socket_send(fd, buf, len);
	len = 0;
	for (;;) {
		n = wait_for(probe, fd, POLLIN);
		if (n == 0)
			n = read(fd, buf + len, sizeof(buf) - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		verdict = judge(probe, (struct slice){ buf, len }, err);
		uint64_t soon = clock_ms() + DRAIN_MS;

		/* A server that writes its body apart would be sent a reset. */
		if (verdict <= 0 && probe->deadline > soon)
			probe->deadline = soon;
	}
	if (verdict > 0 && n < 0)
		return fail(probe, "receive", err);
	return verdict;
}

static bool set_option(struct probe *probe, const char *name, const char *value)
{
	if (!value)
		return false;
	if (strcmp(name, "--timeout") == 0)
		return num_span_ms(&probe->timeout_ms, slice_from(value)) &&
		       probe->timeout_ms - 1 < TIMEOUT_MAX_MS;
	if (!probe->url.is_http)
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
	if (url_parse(&probe->url, *args ? *args : "", err) < 0)
		return -1;
	while (*args && *++args) {
		const char *name = *args++;

		if (!set_option(probe, name, *args))
			return err_set(err, 0, "bad option: %s %s", name,
				       *args ? *args : "");
	}
	return 0;
}

static int run(struct probe *probe, struct err *err)
{
	int fd = dial(probe);

	if (fd < 0 && probe->url.is_localhost) {
		url_use_ipv4(&probe->url);
		fd = dial(probe);
	}
	if (fd < 0)
		return fail(probe, "connect", err);
	return probe->url.is_http ? ask(probe, fd, err) : 0;
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
	 * process, which must not be written to through /proc. It is late
	 * for who watches for new processes: an /init that the service
	 * cannot read (mode 0711, as in images) is so from the start.
	 */
	process_set(PR_SET_DUMPABLE, 0);
	if (read_args(&probe, args, err) < 0)
		return PROBE_FAILED;
	probe.deadline = clock_ms() + probe.timeout_ms;
	if (run(&probe, err) == 0)
		return PROBE_HEALTHY;
	err_wrap(err, "probe %s", args[0]);
	return PROBE_UNHEALTHY;
}
