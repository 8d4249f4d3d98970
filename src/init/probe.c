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

/* Returns the connected socket, or -1 with errno set. */
static int dial(const struct probe *probe)
{
	const struct url *url = &probe->url;
	auto_fd int fd = socket_open(url->to.any.sa_family);

	while (socket_connect(fd, &url->to.any, url->to_len) < 0) {
		/* A full queue has no event; to poll(2) the socket is ready. */
		if (errno == EAGAIN)
			socket_wait(-1, 0, BACKLOG_MS);
		else if (errno != EINPROGRESS)
			return -1;
		if (wait_for(probe, fd, POLLOUT) < 0)
			return -1;
	}
	if (socket_is_own_peer(fd, &url->to.any)) {
		errno = ECONNREFUSED;
		return -1;
	}
	return steal_fd(&fd);
}

/* Returns 0 for healthy, -1 with *err filled, or 1: read on, if there is. */
static int judge(const struct probe *probe, struct slice bytes, struct err *err)
{
	struct reply reply;
	enum reply_state state = reply_read(&reply, bytes);

	if (state == REPLY_BAD)
		return err_set(err, 0, "not an HTTP reply");
	if (state == REPLY_MORE)
		return -err_set(err, 0, "the reply ends early");
	if (!reply_is_among(probe->statuses, reply.status))
		return err_set(err, 0, "status %u", reply.status);
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
	int verdict = 1;
	ssize_t n;

	/* A new socket takes these few hundred bytes at once. */
	if (socket_send(fd, buf, len) < 0)
		return err_set(err, errno, "send");
	len = 0;
	for (;;) {
		n = wait_for(probe, fd, POLLIN);
		if (n == 0)
			n = read(fd, buf + len, sizeof(buf) - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		verdict = judge(probe, (struct slice){ buf, len }, err);
		/* A server that writes its body apart would be sent a reset. */
		if (verdict <= 0 && probe->deadline > clock_ms() + DRAIN_MS)
			probe->deadline = clock_ms() + DRAIN_MS;
	}
	if (verdict > 0 && n < 0)
		return err_set(err, errno, "receive");
	return -!!verdict;
}
