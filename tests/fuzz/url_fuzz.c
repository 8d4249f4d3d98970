/*
 * Probe URLs from hostile bytes. One that is taken holds nothing that could
 * leave its place in a request, and its address is what libc makes of it.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "data/url.h"

#define CHECK(claim)             \
	do {                     \
		if (!(claim))    \
			abort(); \
	} while (0)

static void check_address(const struct url *url)
{
	struct slice host = url->host;
	bool is_ipv6 = url->to.any.sa_family == AF_INET6;
	char text[INET6_ADDRSTRLEN + 8];
	uint8_t address[16];
	char *end;

	CHECK(host.len < sizeof(text));
	memcpy(text, host.at, host.len);
	text[host.len] = '\0';
	end = strchr(text, is_ipv6 ? ']' : ':');
	if (end)
		*end = '\0';
	CHECK(inet_pton(url->to.any.sa_family, text + is_ipv6, address) == 1);
	if (is_ipv6)
		CHECK(memcmp(address, &url->to.ipv6.sin6_addr, 16) == 0);
	else
		CHECK(memcmp(address, &url->to.ipv4.sin_addr, 4) == 0);
}

static void check(const struct url *url, const char *text)
{
	size_t len = strlen(text);

	CHECK(len <= URL_TEXT_MAX);
	for (size_t i = 0; i < len; i++)
		CHECK(text[i] > ' ' && text[i] <= '~');
	if (url->to.any.sa_family == AF_UNIX) {
		CHECK(strcmp(url->to.local.sun_path, text + 5) == 0);
		return;
	}
	CHECK(url->host.at > text && url->path >= url->host.at);
	CHECK(url->path <= text + len);
	CHECK(url->path[0] == (url->is_http ? '/' : '\0'));
	CHECK(url->to.ipv4.sin_port != 0);
	if (!url->is_localhost)
		check_address(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct url url = { 0 };
	struct err err;

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (url_parse(&url, text, &err) == 0)
		check(&url, text);
	free(text);
	return 0;
}
