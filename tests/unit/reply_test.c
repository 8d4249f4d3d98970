#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/reply.h"

/* At an exact size, so that ASan sees each byte too far. */
static int read_exactly(struct reply *out, const char *text, size_t len)
{
	char *copy = malloc(len ? len : 1);

	memcpy(copy, text, len);
	int got = reply_read(out, (struct slice){ copy, len });

	if (got == 0)
		out->body.at = text + (out->body.at - copy);
	free(copy);
	return got;
}

static const struct {
	const char *text;
	int result;
	uint32_t status;
	const char *body;
} replies[] = {
	{ "HTTP/1.0 200 OK\r\n\r\nbody", 0, 200, "body" },
	{ "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n", 0, 204, "" },
	{ "HTTP/1.1 503 \r\n\r\n", 0, 503, "" },
	{ "HTTP/1.1 301\r\n\r\n", 0, 301, "" },
	{ "HTTP/1.0 200\n\nx\n\n", 0, 200, "x\n\n" },
	{ "HTTP/1.0 200 OK\nA: b\n\r\nx", 0, 200, "x" },
	{ "HTTP/1.0 200 OK\r\nA: b\r\n\nx", 0, 200, "x" },
	{ "HTTP/1.9 599 x\r\n\r\n", 0, 599, "" },
	{ "HTTP/1.0 000 x\r\n\r\n", 0, 0, "" },
	{ "", 1, 0, NULL },
	{ "HTTP/1.0 200", 1, 0, NULL },
	{ "HTTP/1.0 200 OK\r\n", 1, 0, NULL },
	{ "HTTP/1.0 200 OK\r\n\r", 1, 0, NULL },
	{ "HTTP/1.0 200\r\r\n\r", 1, 0, NULL },
	{ "HTTP/1.0 200 OK\r\nA: b\r\n", 1, 0, NULL },
	{ "HTTP/1.0 2000 OK\r\n\r\n", -1, 0, NULL },
	{ "HTTP/1.0 20 OK\r\n\r\n", -1, 0, NULL },
	{ "HTTP/1.0  200 OK\r\n\r\n", -1, 0, NULL },
	{ "HTTP/1.0 +20 OK\r\n\r\n", -1, 0, NULL },
	{ "HTTP/1.0 20x OK\r\n\r\n", -1, 0, NULL },
	{ "HTTP/1.0 200\tOK\r\n\r\n", -1, 0, NULL },
	{ "HTTP/1.x 200 OK\r\n\r\n", -1, 0, NULL },
	{ "HTTP/1.10 200 OK\r\n\r\n", -1, 0, NULL },
	{ "HTTP/2.0 200 OK\r\n\r\n", -1, 0, NULL },
	{ "HTTP/2 200 OK\r\n\r\n", -1, 0, NULL },
	{ "http/1.0 200 OK\r\n\r\n", -1, 0, NULL },
	{ " HTTP/1.0 200 OK\r\n\r\n", -1, 0, NULL },
	{ "\r\nHTTP/1.0 200 OK\r\n\r\n", -1, 0, NULL },
	{ "SSH-2.0-OpenSSH_9.2\r\n", -1, 0, NULL },
	{ "GET / HTTP/1.0\r\nHost: a\r\n\r\n", -1, 0, NULL },
};

static void replies_are_read_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct reply reply;
		const char *text = replies[i].text;
		int got = read_exactly(&reply, text, strlen(text));

		if (got != replies[i].result)
			fail_msg("%s: %d", text, got);
		if (got != 0)
			continue;
		assert_int_equal(reply.status, replies[i].status);
		assert_int_equal(reply.body.len, strlen(replies[i].body));
		assert_memory_equal(reply.body.at, replies[i].body,
				    reply.body.len);
	}
}

static void a_beginning_is_never_judged_too_early(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		const char *text = replies[i].text;
		int last = 1;

		for (size_t len = 0; len <= strlen(text); len++) {
			struct reply reply;
			int got = read_exactly(&reply, text, len);

			if (last != 1)
				assert_int_equal(got, last);
			last = got;
		}
	}
}

static void a_head_is_bounded(void **state)
{
	char *text = malloc(REPLY_HEAD_MAX + REPLY_BODY_MAX + 1);
	struct reply reply;
	size_t n;

	(void)state;
	memset(text, 'a', REPLY_HEAD_MAX + REPLY_BODY_MAX + 1);
	n = strlen(strcpy(text, "HTTP/1.0 200 OK\r\nA: "));
	text[n] = 'a';
	assert_int_equal(read_exactly(&reply, text, REPLY_HEAD_MAX - 1), 1);
	assert_int_equal(read_exactly(&reply, text, REPLY_HEAD_MAX), -1);
	memcpy(text + REPLY_HEAD_MAX - 4, "\r\n\r\n", 4);
	assert_int_equal(read_exactly(&reply, text, REPLY_HEAD_MAX), 0);
	assert_int_equal(reply.body.len, 0);
	/* And so is what is searched. */
	assert_int_equal(
		read_exactly(&reply, text, REPLY_HEAD_MAX + REPLY_BODY_MAX + 1),
		0);
	assert_int_equal(reply.body.len, REPLY_BODY_MAX);
	memcpy(text + REPLY_HEAD_MAX - 4, "a\r\n\r", 4);
	text[REPLY_HEAD_MAX] = '\n';
	assert_int_equal(read_exactly(&reply, text, REPLY_HEAD_MAX + 1), -1);
	free(text);
}

static void text_is_found_anywhere_in_the_body(void **state)
{
	struct reply reply = { .body = SLICE("ab\0abcaab") };

	(void)state;
	assert_true(reply_holds(&reply, ""));
	assert_true(reply_holds(&reply, "ab"));
	assert_true(reply_holds(&reply, "abc"));
	assert_true(reply_holds(&reply, "aab"));
	assert_true(reply_holds(&reply, "b"));
	assert_false(reply_holds(&reply, "abd"));
	assert_false(reply_holds(&reply, "aabb"));
	reply.body.len = 0;
	assert_true(reply_holds(&reply, ""));
	assert_false(reply_holds(&reply, "a"));
}

static const struct {
	const char *list;
	uint32_t status;
	int result;
} lists[] = {
	{ "200", 200, 1 },
	{ "200", 201, 0 },
	{ "200-299", 299, 1 },
	{ "200-299", 300, 0 },
	{ "200-299,301", 301, 1 },
	{ "200-299,301", 300, 0 },
	{ "301,200-299", 200, 1 },
	{ "100-599", 0, 0 },
	{ "100-599", 600, 0 },
	{ "404,404,404", 404, 1 },
	{ "", 200, -1 },
	{ ",", 200, -1 },
	{ "200,", 200, -1 },
	{ ",200", 200, -1 },
	{ "200-", 200, -1 },
	{ "-200", 200, -1 },
	{ "200--299", 200, -1 },
	{ "299-200", 250, -1 },
	{ "200-299-300", 200, -1 },
	{ "99", 99, -1 },
	{ "100-600", 200, -1 },
	{ "200 ", 200, -1 },
	{ "2xx", 200, -1 },
	{ "+200", 200, -1 },
	{ "65736", 200, -1 },
	{ "4294967496", 200, -1 },
	{ "200;301", 200, -1 },
};

static void lists_of_statuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		int got = reply_is_among(lists[i].list, lists[i].status);

		if (got != lists[i].result)
			fail_msg("%u in %s: %d", lists[i].status, lists[i].list,
				 got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_read_or_refused),
		cmocka_unit_test(a_beginning_is_never_judged_too_early),
		cmocka_unit_test(a_head_is_bounded),
		cmocka_unit_test(text_is_found_anywhere_in_the_body),
		cmocka_unit_test(lists_of_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
