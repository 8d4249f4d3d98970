#include "conn.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "service.h"
#include "text.h"

enum {
	/* After the last answer; a reset before it was read would lose it. */
	CONN_LINGER_MS = 2000,
	/* For the request of a client that connected just before a drain. */
	CONN_GRACE_MS = 500,
};

static void set_deadline(struct conn *conn, int64_t span_ms)
{
	conn->deadline_ms = clock_ms() + span_ms;
}

void conn_open(struct conn *conn, const struct service *service, int fd,
	       const uint8_t peer[16])
{
	/* Not a struct assignment, which would touch both buffers' pages. */
	memset(conn, 0, offsetof(struct conn, out));
	conn->fd = fd;
	memcpy(conn->peer, peer, sizeof(conn->peer));
	set_deadline(conn, service->idle_ms);
}

bool conn_is_quiet(const struct conn *conn)
{
	return conn->state == CONN_HEAD && conn->in_at == conn->in_len &&
	       conn->out_at == conn->out_len;
}

/* Forget n bytes of input, which were answered. */
static void consume(struct conn *conn, size_t n)
{
	conn->in_at += n;
	if (conn->in_at == conn->in_len)
		conn->in_at = conn->in_len = 0;
	conn->scan = (struct http_scan){ 0 };
	conn->began_ns = conn->read_ns;
}

/* True when this answer must be the last one on its connection. */
static bool is_last(const struct conn *conn, const struct service *service,
		    int status)
{
	const struct http_request *req = &conn->request;
	size_t next = conn->in_at + req->head_len;

	/* Refused: where the next request starts is anybody's guess. */
	if (status != HTTP_READY || !req->keep_alive)
		return true;
	/* The client may now send the body or not: nobody knows which. */
	if (conn->body_left)
		return true;
	/* What a pipelining client sent before the drain is still due. */
	return service->draining &&
	       !http_has_head(conn->in + next, conn->in_len - next);
}

/*
 * Queue the answer to conn->request. status is what http_read said of it, or
 * 408. The bytes of a refused request, and all after it, are given up.
 */
static void answer(struct conn *conn, struct service *service, int status)
{
	const struct http_request *req = &conn->request;
	struct text out = { conn->out, conn->out_len, sizeof(conn->out) };

	conn->closes = is_last(conn, service, status);
	if (status == HTTP_READY)
		status = service_status(req);
	service->requests++;
	service_answer(&out, service, req, status, conn->closes);
	log_request(&service->log,
		    &(struct log_request){
			    .peer = conn->peer,
			    .request = req,
			    .status = status,
			    .bytes = out.len - conn->out_len,
			    .duration_us = (clock_ns() - conn->began_ns) / 1000,
		    });
	conn->out_len = out.len;
	conn->answered = true;
	conn->state = CONN_HEAD;
	consume(conn,
		conn->closes ? conn->in_len - conn->in_at : req->head_len);
	set_deadline(conn, service->idle_ms);
}

/* Empty lines before a request are no part of it (RFC 9112, 2.2). */
static void skip_empty_lines(struct conn *conn)
{
	while (conn->in_len - conn->in_at >= 2 &&
	       memcmp(conn->in + conn->in_at, "\r\n", 2) == 0)
		consume(conn, 2);
}

/* Take the part of the body that came with the head out of the input. */
static void start_body(struct conn *conn, const struct service *service)
{
	struct http_request *req = &conn->request;
	size_t here = conn->in_len - conn->in_at - req->head_len;

	if (here > req->body_len)
		here = req->body_len;
	req->head_len += here;
	conn->body_left = req->body_len - (uint32_t)here;
	if (conn->body_left) {
		conn->state = CONN_BODY;
		set_deadline(conn, service->idle_ms);
	}
}

/* Answer one request if it is here as a whole. Returns whether one was. */
static bool take_request(struct conn *conn, struct service *service)
{
	if (conn->state == CONN_HEAD) {
		skip_empty_lines(conn);
		int status = http_read(&conn->request, &conn->scan,
				       conn->in + conn->in_at,
				       conn->in_len - conn->in_at);

		if (status == HTTP_MORE)
			return false;
		if (status != HTTP_READY) {
			answer(conn, service, status);
			return true;
		}
		start_body(conn, service);
	}
	/* Who asks before sending a body may hear the answer without it. */
	if (conn->body_left && !conn->request.expects_continue)
		return false;
	answer(conn, service, HTTP_READY);
	return true;
}

static enum conn_want linger(struct conn *conn)
{
	shutdown(conn->fd, SHUT_WR);
	conn->state = CONN_LINGER;
	set_deadline(conn, CONN_LINGER_MS);
	return CONN_READ;
}

/* Answer and send until the client has to act. */
static enum conn_want run(struct conn *conn, struct service *service)
{
	for (;;) {
		while (!conn->closes &&
		       CONN_OUT_SIZE - conn->out_len >= SERVICE_REPLY_MAX &&
		       take_request(conn, service))
			;
		if (!conn->out_len)
			break;
		ssize_t n = write(conn->fd, conn->out + conn->out_at,
				  conn->out_len - conn->out_at);

		if (n < 0 && errno != EAGAIN)
			return CONN_CLOSE;
		if (n > 0)
			conn->out_at += (size_t)n;
		if (conn->out_at < conn->out_len)
			return CONN_WRITE;
		conn->out_at = conn->out_len = 0;
		if (conn->closes)
			return linger(conn);
	}
	/* Time spent taking the answers is not held against the next step. */
	if (conn->want == CONN_WRITE)
		set_deadline(conn, service->idle_ms);
	return service->draining && conn_is_quiet(conn) ? CONN_CLOSE
							: CONN_READ;
}

/* Where the next bytes go: behind the input, or nowhere. */
static ssize_t receive(struct conn *conn, struct service *service)
{
	size_t max = sizeof(service->sink);

	if (conn->state == CONN_LINGER)
		return read(conn->fd, service->sink, max);
	if (conn->state == CONN_BODY)
		return read(conn->fd, service->sink,
			    conn->body_left < max ? conn->body_left : max);
	memmove(conn->in, conn->in + conn->in_at, conn->in_len - conn->in_at);
	conn->in_len -= conn->in_at;
	conn->in_at = 0;
	return read(conn->fd, conn->in + conn->in_len,
		    sizeof(conn->in) - conn->in_len);
}

static void accept_bytes(struct conn *conn, const struct service *service,
			 size_t n)
{
	conn->read_ns = clock_ns();
	if (conn->state == CONN_BODY)
		conn->body_left -= (uint32_t)n;
	if (conn->state != CONN_HEAD)
		return;
	if (!conn->in_len) {
		conn->began_ns = conn->read_ns;
		set_deadline(conn, service->idle_ms);
	}
	conn->in_len += n;
}

/* Refuse the unfinished request, which had no answer yet. */
static enum conn_want give_up(struct conn *conn, struct service *service,
			      int status, const char *why)
{
	conn->request.why = why;
	answer(conn, service, status);
	return run(conn, service);
}

enum conn_want conn_ready(struct conn *conn, struct service *service)
{
	if (conn->want == CONN_WRITE)
		return run(conn, service);
	ssize_t n = receive(conn, service);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? CONN_READ
							 : CONN_CLOSE;
	if (n == 0 && (conn->state == CONN_LINGER || conn_is_quiet(conn)))
		return CONN_CLOSE;
	if (n == 0)
		return give_up(conn, service, 400, "ended early");
	accept_bytes(conn, service, (size_t)n);
	return conn->state == CONN_LINGER ? CONN_READ : run(conn, service);
}

enum conn_want conn_expire(struct conn *conn, struct service *service)
{
	if (conn->state == CONN_LINGER || conn->want == CONN_WRITE ||
	    conn_is_quiet(conn))
		return CONN_CLOSE;
	return give_up(conn, service, 408, "timed out");
}

enum conn_want conn_drain(struct conn *conn, struct service *service)
{
	if (!conn_is_quiet(conn))
		return conn->want;
	/* A request may wait in the socket, sent before anybody said stop. */
	enum conn_want want = conn_ready(conn, service);

	if (want != CONN_READ || !conn_is_quiet(conn))
		return want;
	if (conn->answered)
		return CONN_CLOSE;
	if (conn->deadline_ms > clock_ms() + CONN_GRACE_MS)
		set_deadline(conn, CONN_GRACE_MS);
	return CONN_READ;
}
