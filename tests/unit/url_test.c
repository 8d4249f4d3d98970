#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "data/url.h"

static int parse(struct url *url, const char *text)
{
	struct err err;

	memset(url, 0, sizeof(*url));
	return url_parse(url, text, &err);
}

static void http_has_a_host_and_a_path(void **state)
{
	struct url url;

	(void)state;
	assert_int_equal(parse(&url, "http://127.0.0.1:8080/healthz?a=b"), 0);
	assert_true(url.is_http && !url.is_localhost);
	assert_int_equal(url.to.ipv4.sin_family, AF_INET);
	assert_int_equal(ntohs(url.to.ipv4.sin_port), 8080);
	assert_int_equal(ntohl(url.to.ipv4.sin_addr.s_addr), 0x7f000001);
	assert_true(slice_eq(url.host, "127.0.0.1:8080"));
	assert_string_equal(url.path, "/healthz?a=b");
}

static void http_alone_has_a_default_port(void **state)
{
	struct url url;

	(void)state;
	assert_int_equal(parse(&url, "http://[fe80::1:2]/"), 0);
	assert_int_equal(ntohs(url.to.ipv6.sin6_port), 80);
	assert_int_equal(url.to.ipv6.sin6_family, AF_INET6);
	assert_true(slice_eq(url.host, "[fe80::1:2]"));
	assert_int_equal(parse(&url, "tcp://[fe80::1:2]"), -1);
	assert_int_equal(parse(&url, "tcp://[fe80::1:2]:65535"), 0);
	assert_int_equal(ntohs(url.to.ipv6.sin6_port), 65535);
	assert_false(url.is_http);
}

static void localhost_is_both_families(void **state)
{
	struct url url;

	(void)state;
	assert_int_equal(parse(&url, "tcp://localhost:5432"), 0);
	assert_true(url.is_localhost);
	assert_memory_equal(&url.to.ipv6.sin6_addr, &in6addr_loopback, 16);
	url_use_ipv4(&url);
	assert_int_equal(ntohs(url.to.ipv4.sin_port), 5432);
	assert_int_equal(ntohl(url.to.ipv4.sin_addr.s_addr), INADDR_LOOPBACK);
}

static void a_unix_path_fits_its_address(void **state)
{
	char text[5 + URL_PATH_MAX + 2] = "unix:";
	struct url url;

	(void)state;
	assert_int_equal(parse(&url, "unix:/run/a.sock"), 0);
	assert_int_equal(url.to.local.sun_family, AF_UNIX);
	assert_string_equal(url.to.local.sun_path, "/run/a.sock");
	memset(text + 5, '/', URL_PATH_MAX);
	assert_int_equal(parse(&url, text), 0);
	assert_int_equal(strlen(url.to.local.sun_path), URL_PATH_MAX);
	text[5 + URL_PATH_MAX] = '/';
	assert_int_equal(parse(&url, text), -1);
}

static const char *const bad[] = {
	"",
	"http",
	"http://",
	"http:///",
	"http://127.0.0.1",
	"http://127.0.0.1:80",
	"http://127.0.0.1?a",
	"http://127.0.0.1:/",
	"http://127.0.0.1:0/",
	"http://127.0.0.1:65536/",
	"http://127.0.0.1:18446744073709551696/",
	"http://127.0.0.1:080/",
	"http://127.0.0.1:+80/",
	"http://127.0.0.1:8 0/",
	"http://127.0.0.1:80 /",
	"http://127.0.0.1:80/a b",
	"http://127.0.0.1:80/a\r\nX: y",
	"http://127.0.0.1:80/\xc3\xa4",
	"http://127.0.0.1:80/\x7f",
	"http://u@127.0.0.1/",
	"http://u:p@127.0.0.1/",
	"http://example.org/",
	"http://localhost.example/",
	"http://localhostx:80/",
	"http://LOCALHOST/",
	"http://local",
	"http://l",
	"https://127.0.0.1/",
	"HTTP://127.0.0.1/",
	"http://127.1/",
	"http://127.0.0.1.1/",
	"http://127.0.0.1./",
	"http://127.0.0.01/",
	"http://127.0.0.256/",
	"http://127.0..1/",
	"http://0x7f.0.0.1/",
	"http://@.0.0.1/",
	"http://2130706433/",
	"http://::1/",
	"http://::1:80/",
	"http://[/",
	"http://[]/",
	"http://[:]/",
	"http://[::1/",
	"http://[::1",
	"http://[::1]x/",
	"http://[127.0.0.1]/",
	"http://[::ffff:127.0.0.1]/",
	"http://[fe80::1%eth0]/",
	"tcp://127.0.0.1",
	"tcp://127.0.0.1:80/",
	"tcp://127.0.0.1:80x",
	"unix:",
	"unix:run/a",
	"unix:@a",
	" http://127.0.0.1/",
	"127.0.0.1:80",
	"/run/a",
};

static void all_else_is_refused(void **state)
{
	struct url url;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse(&url, bad[i]) == 0)
			fail_msg("taken: %s", bad[i]);
}

static void a_url_has_255_bytes_at_the_most(void **state)
{
	char text[URL_TEXT_MAX + 2] = "http://127.0.0.1/";
	struct url url;
	struct err err;

	(void)state;
	memset(text + strlen(text), 'a', URL_TEXT_MAX - strlen(text));
	assert_int_equal(parse(&url, text), 0);
	text[URL_TEXT_MAX] = 'a';
	assert_int_equal(url_parse(&url, text, &err), -1);
	assert_int_equal(url_parse(&url, "http://x/", &err), -1);
	assert_string_equal(err.text,
			    "'http://x/' is not http://ADDRESS[:PORT]/PATH, "
			    "tcp://ADDRESS:PORT or unix:/PATH");
}

/* What libc says of the address, except where IPv4 stands within IPv6. */
static void compare(const char *address, int family)
{
	uint8_t expected[16] = { 0 };
	char text[URL_TEXT_MAX + 1];
	struct url url;
	int good = inet_pton(family, address, expected) == 1;

	snprintf(text, sizeof(text),
		 family == AF_INET6 ? "tcp://[%s]:1" : "tcp://%s:1", address);
	if ((parse(&url, text) == 0) != good)
		fail_msg("%s: libc says %d", address, good);
	if (!good)
		return;
	if (family == AF_INET6)
		assert_memory_equal(&url.to.ipv6.sin6_addr, expected, 16);
	else
		assert_memory_equal(&url.to.ipv4.sin_addr, expected, 4);
}

/* Every text of up to six letters of a small alphabet, and random long ones. */
static void addresses_are_read_as_libc_does(void **state)
{
	static const char few[] = ":1f0", more[] = "::::10fFaA9gG@`",
			  v4[] = "...0129";
	char text[48];

	(void)state;
	for (int len = 0; len <= 7; len++) {
		for (int nr = 0; nr < 1 << 2 * len; nr++) {
			for (int i = 0; i < len; i++)
				text[i] = few[nr >> 2 * i & 3];
			text[len] = '\0';
			compare(text, AF_INET6);
		}
	}
	srandom(1);
	for (int round = 0; round < 300000; round++) {
		const char *from = round & 1 ? more : v4;
		int len = (int)(random() % 40);

		for (int i = 0; i < len; i++)
			text[i] = from[(size_t)random() % strlen(from)];
		text[len] = '\0';
		compare(text, round & 1 ? AF_INET6 : AF_INET);
	}
}

/* Random texts are seldom addresses; these are, or nearly. */
static void long_addresses_are_read_as_libc_does(void **state)
{
	char text[64];

	(void)state;
	for (int groups = 1; groups <= 10; groups++) {
		for (int gap = -1; gap <= groups; gap++) {
			size_t n = 0;

			for (int i = 0; i < groups; i++) {
				if (i == gap)
					n += (size_t)sprintf(text + n, "%s",
							     i ? ":" : "::");
				n += (size_t)sprintf(text + n, "%x%s",
						     0xa1 * (i + 1),
						     i + 1 < groups ? ":" : "");
			}
			if (gap == groups)
				n += (size_t)sprintf(text + n, "::");
			compare(text, AF_INET6);
			sprintf(text + n, ":");
			compare(text, AF_INET6);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_has_a_host_and_a_path),
		cmocka_unit_test(http_alone_has_a_default_port),
		cmocka_unit_test(localhost_is_both_families),
		cmocka_unit_test(a_unix_path_fits_its_address),
		cmocka_unit_test(all_else_is_refused),
		cmocka_unit_test(a_url_has_255_bytes_at_the_most),
		cmocka_unit_test(addresses_are_read_as_libc_does),
		cmocka_unit_test(long_addresses_are_read_as_libc_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
