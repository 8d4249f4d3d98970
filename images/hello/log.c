#include "log.h"

#include <poll.h>
#include <unistd.h>

#include "clock.h"
#include "text.h"

enum {
	LOG_METHOD_MAX = 32,
	LOG_PATH_MAX = 512,
};

_Static_assert(6 * (LOG_METHOD_MAX + LOG_PATH_MAX) + 512 <= LOG_LINE_MAX,
	       "the longest line must fit");

static void open_line(struct text *text)
{
	text_str(text, "{");
	text_key(text, "time");
	text_str(text, "\"");
	clock_put_rfc3339(text);
	text_str(text, "\"");
}

static void put_number(struct text *text, const char *key, uint64_t value)
{
	text_key(text, key);
	text_u64(text, value);
}

static void put_event(struct text *text, const char *event)
{
	open_line(text);
	text_key(text, "event");
	text_str(text, "\"");
	text_str(text, event);
	text_str(text, "\"");
}

/*
 * A pipe that polls writable takes PIPE_BUF bytes without blocking. Setting
 * O_NONBLOCK instead would set it for everybody who shares the pipe, PID 1
 * among them. Were standard output closed at the start, the descriptor would
 * be one of the server's own three, never a client's: nothing can leak.
 */
static bool is_writable(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT);
}

static bool write_line(struct text *text)
{
	text_str(text, "}\n");
	/* Nobody is left to tell that the log cannot be written. */
	return is_writable() &&
	       write(STDOUT_FILENO, text->buf, text->len) == (ssize_t)text->len;
}

static void report_dropped(struct log *log)
{
	char buf[LOG_LINE_MAX];
	struct text text = { buf, 0, sizeof(buf) };

	put_event(&text, "log lines dropped");
	put_number(&text, "count", log->dropped);
	if (write_line(&text))
		log->dropped = 0;
}

static void close_line(struct log *log, struct text *text)
{
	if (log->dropped)
		report_dropped(log);
	if (log->dropped || !write_line(text))
		log->dropped++;
}

static void put_slice(struct text *text, const char *key,
		      struct http_slice slice, size_t max)
{
	text_key(text, key);
	if (slice.len)
		text_json(text, slice.at, slice.len < max ? slice.len : max);
	else
		text_str(text, "null");
}

void log_request(struct log *log, const struct log_request *line)
{
	const struct http_request *req = line->request;
	char buf[LOG_LINE_MAX];
	struct text text = { buf, 0, sizeof(buf) };

	open_line(&text);
	text_key(&text, "client");
	text_str(&text, "\"");
	text_address(&text, line->peer);
	text_str(&text, "\"");
	put_slice(&text, "method", req->method, LOG_METHOD_MAX);
	put_slice(&text, "path", req->path, LOG_PATH_MAX);
	put_number(&text, "status", (uint64_t)line->status);
	put_number(&text, "bytes", line->bytes);
	put_number(&text, "duration_us", (uint64_t)line->duration_us);
	if (req->why) {
		text_key(&text, "why");
		text_str(&text, "\"");
		text_str(&text, req->why);
		text_str(&text, "\"");
	}
	close_line(log, &text);
}

void log_event(struct log *log, const char *event, const char *key,
	       uint64_t value)
{
	char buf[LOG_LINE_MAX];
	struct text text = { buf, 0, sizeof(buf) };

	put_event(&text, event);
	if (key)
		put_number(&text, key, value);
	close_line(log, &text);
}

void log_listening(struct log *log, const uint8_t ip[16], uint64_t port)
{
	char buf[LOG_LINE_MAX];
	struct text text = { buf, 0, sizeof(buf) };

	put_event(&text, "listening");
	text_key(&text, "address");
	text_str(&text, "\"");
	text_address(&text, ip);
	text_str(&text, "\"");
	put_number(&text, "port", port);
	close_line(log, &text);
}
