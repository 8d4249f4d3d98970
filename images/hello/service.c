#include "service.h"

#include <string.h>

#include "clock.h"
#include "http.h"
#include "text.h"

_Static_assert(3 * (6 * SERVICE_NAME_MAX + 2) + 256 <= SERVICE_BODY_MAX,
	       "name, version and host must fit even when all escaped");

static void put_text(struct text *text, const char *key, const char *value)
{
	size_t len = strlen(value);

	text_key(text, key);
	text_json(text, value, len < SERVICE_NAME_MAX ? len : SERVICE_NAME_MAX);
}

static void put_number(struct text *text, const char *key, uint64_t value)
{
	text_key(text, key);
	text_u64(text, value);
}

static void put_root(struct text *body, const struct service *service)
{
	int64_t uptime_ms = clock_ms() - service->started_ms;

	text_str(body, "{");
	put_text(body, "service", service->name);
	put_text(body, "version", service->version);
	put_text(body, "host", service->host);
	put_number(body, "uptime_ms", (uint64_t)uptime_ms);
	put_number(body, "requests", service->requests);
	text_str(body, "}\n");
}

static void put_health(struct text *body, const struct service *service)
{
	(void)service;
	text_str(body, "{\"status\":\"ok\"}\n");
}

typedef void put_body(struct text *body, const struct service *service);

static const struct {
	const char *path;
	put_body *put;
} resources[] = {
	{ "/", put_root },
	{ "/healthz", put_health },
};

static const struct {
	int status;
	const char *reason;
} statuses[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 411, "Length Required" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 417, "Expectation Failed" },
	{ 431, "Request Header Fields Too Large" },
	{ 501, "Not Implemented" },
	{ 505, "HTTP Version Not Supported" },
};

static bool is_text(struct http_slice slice, const char *str)
{
	return strlen(str) == slice.len &&
	       memcmp(slice.at, str, slice.len) == 0;
}

static put_body *find_resource(struct http_slice path)
{
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		if (path.len && is_text(path, resources[i].path))
			return resources[i].put;
	return NULL;
}

static const char *reason_of(int status)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].reason;
	return "Unknown";
}

int service_status(const struct http_request *req)
{
	if (req->path.len && !find_resource(req->path))
		return 404;
	if (!req->is_head && !is_text(req->method, "GET"))
		return 405;
	return 200;
}

static void put_error(struct text *body, int status)
{
	text_str(body, "{");
	put_number(body, "status", (uint64_t)status);
	put_text(body, "error", reason_of(status));
	text_str(body, "}\n");
}

static void put_head(struct text *out, int status, size_t body_len, bool closes)
{
	text_str(out, "HTTP/1.1 ");
	text_u64(out, (uint64_t)status);
	text_str(out, " ");
	text_str(out, reason_of(status));
	text_str(out, "\r\nDate: ");
	clock_put_http(out);
	text_str(out, "\r\nContent-Type: application/json\r\n"
		      "Cache-Control: no-store\r\nContent-Length: ");
	text_u64(out, body_len);
	if (status == 405)
		text_str(out, "\r\nAllow: GET, HEAD");
	if (closes)
		text_str(out, "\r\nConnection: close");
	text_str(out, "\r\n\r\n");
}

void service_answer(struct text *out, const struct service *service,
		    const struct http_request *req, int status, bool closes)
{
	char buf[SERVICE_BODY_MAX];
	struct text body = { buf, 0, sizeof(buf) };

	if (status == 200)
		find_resource(req->path)(&body, service);
	else
		put_error(&body, status);
	put_head(out, status, body.len, closes);
	if (!req->is_head)
		text_put(out, body.buf, body.len);
}
