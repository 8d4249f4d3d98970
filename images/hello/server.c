#include "server.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"

enum {
	EVENT_BATCH = 64,
	ACCEPT_BATCH = 64, /* then those already here get their turn */
	ACCEPT_PAUSE_MS = 100,
	COMPLAINT_MS = 1000,
	EVICT_QUIET_MS = 1000,
};

/* What an event belongs to: a connection, by its index, or one of these. */
enum { KEY_LISTEN = SERVER_CONN_MAX, KEY_SIGNAL };

static int watch(const struct server *server, int op, int fd, uint32_t events,
		 uint32_t key)
{
	struct epoll_event event = { .events = events, .data.u32 = key };

	return epoll_ctl(server->epoll_fd, op, fd, &event);
}

static void swap_slots(struct server *server, unsigned int a, unsigned int b)
{
	uint16_t index = server->slots[a];

	server->slots[a] = server->slots[b];
	server->slots[b] = index;
	server->places[server->slots[a]] = (uint16_t)a;
	server->places[server->slots[b]] = (uint16_t)b;
}

/* Close, and free the slot; the last open one takes its place. */
static void drop(struct server *server, uint16_t index)
{
	/* No copy of the descriptor exists, so epoll forgets it too. */
	close(server->conns[index].fd);
	server->used--;
	swap_slots(server, server->places[index], server->used);
	if (server->accept_ms)
		server->accept_ms = server->now_ms;
}

/* Obey what a connection wants now. */
static void settle(struct server *server, uint16_t index, enum conn_want want)
{
	struct conn *conn = &server->conns[index];

	if (want != CONN_CLOSE && want != conn->want &&
	    watch(server, EPOLL_CTL_MOD, conn->fd,
		  want == CONN_WRITE ? EPOLLOUT : EPOLLIN, index) < 0)
		want = CONN_CLOSE;
	if (want == CONN_CLOSE) {
		drop(server, index);
		return;
	}
	conn->want = want;
	if (conn->deadline_ms < server->wake_ms)
		server->wake_ms = conn->deadline_ms;
}

/* Deadlines mostly move later, so wake_ms may come early; never late. */
static void expire(struct server *server)
{
	server->wake_ms = INT64_MAX;
	/* Backwards: what is dropped swaps with the last, already seen. */
	for (unsigned int place = server->used; place-- > 0;) {
		uint16_t index = server->slots[place];
		struct conn *conn = &server->conns[index];
		enum conn_want want = conn->want;

		if (conn->deadline_ms <= server->now_ms)
			want = conn_expire(conn, &server->service);
		settle(server, index, want);
	}
}

/* Close the connection that was silent for longest, if any was for long. */
static bool evict(struct server *server)
{
	int64_t oldest_ms = server->now_ms + server->service.idle_ms -
			    EVICT_QUIET_MS;
	int found = -1;

	for (unsigned int place = 0; place < server->used; place++) {
		uint16_t index = server->slots[place];
		const struct conn *conn = &server->conns[index];

		if (conn_is_quiet(conn) && conn->deadline_ms <= oldest_ms) {
			oldest_ms = conn->deadline_ms;
			found = index;
		}
	}
	if (found < 0)
		return false;
	drop(server, (uint16_t)found);
	return true;
}

/* Let clients wait in the backlog; polling on would report them for ever. */
static void pause_accept(struct server *server, const char *why, uint64_t value)
{
	watch(server, EPOLL_CTL_MOD, server->listen_fd, 0, KEY_LISTEN);
	server->accept_ms = server->now_ms + ACCEPT_PAUSE_MS;
	if (server->complaint_ms &&
	    server->now_ms - server->complaint_ms < COMPLAINT_MS)
		return;
	server->complaint_ms = server->now_ms;
	log_event(&server->service.log, "not accepting", why, value);
}

static void resume_accept(struct server *server)
{
	server->accept_ms = 0;
	watch(server, EPOLL_CTL_MOD, server->listen_fd, EPOLLIN, KEY_LISTEN);
}

static void read_peer(uint8_t ip[16], const struct sockaddr_in6 *from)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const struct sockaddr_in *v4 = (const void *)from;

	memcpy(ip, &from->sin6_addr, 16);
	if (from->sin6_family == AF_INET) {
		memcpy(ip, mapped, sizeof(mapped));
		memcpy(ip + 12, &v4->sin_addr, 4);
	}
}

static void add(struct server *server, int fd, const struct sockaddr_in6 *from)
{
	uint16_t index = server->slots[server->used];
	struct conn *conn = &server->conns[index];
	uint8_t peer[16];

	if (watch(server, EPOLL_CTL_ADD, fd, EPOLLIN, index) < 0) {
		close(fd);
		return;
	}
	server->used++;
	read_peer(peer, from);
	conn_open(conn, &server->service, fd, peer);
	settle(server, index, CONN_READ);
}

/* Accept one client. Returns false when no other should be tried now. */
static bool accept_one(struct server *server)
{
	struct sockaddr_in6 from = { 0 };
	socklen_t len = sizeof(from);

	if (server->used >= server->limit && !evict(server)) {
		pause_accept(server, "connections", server->used);
		return false;
	}
	int fd = accept4(server->listen_fd, (struct sockaddr *)&from, &len,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0) {
		add(server, fd, &from);
		return true;
	}
	switch (errno) {
	case EAGAIN:
		return false;
	case ECONNABORTED:
	case EINTR:
	case EPROTO:
		return true; /* that client's trouble; on to the next */
	case EMFILE:
		/* Descriptors are ours alone: no more can ever be open. */
		if (!server->used)
			break;
		server->limit = server->used;
		return true;
	default:
		break;
	}
	pause_accept(server, "errno", (uint64_t)errno);
	return false;
}

static void accept_batch(struct server *server)
{
	for (int n = 0; n < ACCEPT_BATCH && accept_one(server); n++)
		;
}

/* A second signal ends the wait. */
static void drain(struct server *server)
{
	struct signalfd_siginfo info;

	if (read(server->signal_fd, &info, sizeof(info)) < 0)
		return;
	if (server->end_ms) {
		server->end_ms = server->now_ms;
		return;
	}
	server->end_ms = server->now_ms + server->drain_ms;
	server->service.draining = true;
	/* Closing resets those in the backlog, whom nobody told anything. */
	while (accept_one(server))
		;
	close(server->listen_fd);
	server->listen_fd = -1;
	server->accept_ms = 0;
	log_event(&server->service.log, "draining", "connections",
		  server->used);
	for (unsigned int place = server->used; place-- > 0;) {
		uint16_t index = server->slots[place];

		settle(server, index,
		       conn_drain(&server->conns[index], &server->service));
	}
}

static int timeout_ms(const struct server *server)
{
	int64_t next = server->wake_ms;

	if (server->accept_ms && server->accept_ms < next)
		next = server->accept_ms;
	if (server->end_ms && server->end_ms < next)
		next = server->end_ms;
	if (next == INT64_MAX)
		return -1;
	next -= clock_ms();
	if (next < 0)
		return 0;
	return next < INT_MAX ? (int)next : INT_MAX;
}

/*
 * One round of the loop. Accepting comes after all events of the batch: it
 * reuses freed indices, for which the batch might still hold an old event.
 */
static int turn(struct server *server)
{
	struct epoll_event events[EVENT_BATCH];
	bool has_client = false, has_signal = false;
	int n = epoll_wait(server->epoll_fd, events, EVENT_BATCH,
			   timeout_ms(server));

	if (n < 0 && errno != EINTR)
		return -1;
	server->now_ms = clock_ms();
	for (int i = 0; i < n; i++) {
		uint32_t key = events[i].data.u32;

		has_client = has_client || key == KEY_LISTEN;
		has_signal = has_signal || key == KEY_SIGNAL;
		if (key < SERVER_CONN_MAX)
			settle(server, (uint16_t)key,
			       conn_ready(&server->conns[key],
					  &server->service));
	}
	if (server->now_ms >= server->wake_ms)
		expire(server);
	if (server->accept_ms && server->now_ms >= server->accept_ms)
		resume_accept(server);
	if (has_client)
		accept_batch(server);
	if (has_signal)
		drain(server);
	return 0;
}

static int take_signals(struct server *server)
{
	sigset_t taken, blocked;

	sigemptyset(&taken);
	sigaddset(&taken, SIGTERM);
	sigaddset(&taken, SIGINT);
	/* Blocked for good is as well as ignored, and one call fewer. */
	blocked = taken;
	sigaddset(&blocked, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &blocked, NULL) < 0)
		return -1;
	server->signal_fd = signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC);
	return server->signal_fd < 0 ? -1 : 0;
}

static int start(struct server *server)
{
	for (unsigned int i = 0; i < SERVER_CONN_MAX; i++)
		server->slots[i] = server->places[i] = (uint16_t)i;
	server->wake_ms = INT64_MAX;
	if (take_signals(server) < 0)
		return -1;
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server->epoll_fd < 0)
		return -1;
	if (watch(server, EPOLL_CTL_ADD, server->listen_fd, EPOLLIN,
		  KEY_LISTEN) < 0)
		return -1;
	return watch(server, EPOLL_CTL_ADD, server->signal_fd, EPOLLIN,
		     KEY_SIGNAL);
}

int server_run(struct server *server)
{
	struct log *log = &server->service.log;

	if (start(server) < 0)
		return -1;
	log_listening(log, server->ip, server->port);
	while (!server->end_ms ||
	       (server->used && server->now_ms < server->end_ms))
		if (turn(server) < 0)
			return -1;
	log_event(log, "stopped", "requests", server->service.requests);
	return 0;
}
