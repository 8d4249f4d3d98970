#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "data/envfile.h"

/* A literal with its length, for texts that hold zero bytes. */
#define TEXT(literal) (literal), sizeof(literal) - 1

/* Parse a copy that ASan guards; the caller frees it. */
static char *parse(int *got, size_t *out_len, const char *source, size_t len,
		   struct err *err)
{
	char *text = malloc(len + 1);

	memcpy(text, source, len);
	*got = envfile_parse(out_len, text, len, err);
	return text;
}

static void assignments_are_read_as_systemd_does(void **state)
{
	static const struct {
		const char *source;
		size_t source_len;
		const char *out;
		size_t out_len;
	} cases[] = {
		{ TEXT(""), TEXT("") },
		{ TEXT("\n \r\n\t"), TEXT("") },
		{ TEXT("# A=1\n;A=2\n  # \\\nB=1"), TEXT("B=1\0") },
		{ TEXT("A=1\nB=2\n"), TEXT("A=1\0B=2\0") },
		{ TEXT("A=1\r\nB=2\r\n"), TEXT("A=1\0B=2\0") },
		{ TEXT("  A \t= \t 1 2 \t \n"), TEXT("A=1 2\0") },
		{ TEXT("A=\nB=  \nC="), TEXT("A=\0B=\0C=\0") },
		{ TEXT("_a9Z=#;x # y\n"), TEXT("_a9Z=#;x # y\0") },
		{ TEXT("A==\nB=a=b\n"), TEXT("A==\0B=a=b\0") },
		{ TEXT("A=$HOME ${B} %h `id`\n"),
		  TEXT("A=$HOME ${B} %h `id`\0") },
		/* Without quotes. */
		{ TEXT("A=a\\ \\b\\\\c\\\"\n"), TEXT("A=a b\\c\"\0") },
		{ TEXT("A=x\\ \n"), TEXT("A=x \0") },
		{ TEXT("A=one \\\n  two\nB=1"), TEXT("A=one   two\0B=1\0") },
		{ TEXT("A=it's \"b\"\n"), TEXT("A=it's \"b\"\0") },
		{ TEXT("A=x\\"), TEXT("A=x\0") },
		/* '...' */
		{ TEXT("A='a \\\"$ b\nc'\nB=1"),
		  TEXT("A=a \\\"$ b\nc\0B=1\0") },
		{ TEXT("A= ' x ' \n"), TEXT("A= x \0") },
		{ TEXT("A=''\n"), TEXT("A=\0") },
		/* "..." */
		{ TEXT("A=\"\\\" \\\\ \\` \\$ \\n '\"\n"),
		  TEXT("A=\" \\ ` $ \\n '\0") },
		{ TEXT("A=\"a\\\nb\nc\"\n"), TEXT("A=ab\nc\0") },
		{ TEXT("A=\"\\x\""), TEXT("A=\\x\0") },
		/* Behind a quote: another one, or text. */
		{ TEXT("A=\"a\" 'b'c 'd'\n"), TEXT("A=abc 'd'\0") },
		{ TEXT("A=\xc3\xa4\xff\x01\n"), TEXT("A=\xc3\xa4\xff\x01\0") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { 0 };
		size_t len = 0;
		int got;
		char *text = parse(&got, &len, cases[i].source,
				   cases[i].source_len, &err);

		if (got < 0)
			fail_msg("%s: %s", cases[i].source, err.text);
		assert_int_equal(len, cases[i].out_len);
		assert_memory_equal(text, cases[i].out, len);
		free(text);
	}
}

static void errors_name_the_line_and_quote_nothing(void **state)
{
	static const struct {
		const char *source;
		size_t len;
		const char *message;
	} cases[] = {
		{ TEXT("s3cret"), "line 1: not NAME=value" },
		{ TEXT("A=1\n\ns3cret\nB=1\n"), "line 3: not NAME=value" },
		{ TEXT("A=1\nexport B=1\n"), "line 2: not NAME=value" },
		{ TEXT("\n=s3cret"), "line 2: not NAME=value" },
		{ TEXT("9A=s3cret"), "line 1: not NAME=value" },
		{ TEXT("A-B=s3cret"), "line 1: not NAME=value" },
		{ TEXT("\xef\xbb\xbf"
		       "A=1"),
		  "line 1: not NAME=value" },
		{ TEXT("A=1\nB='s3cret\n\nC=1\n"), "line 2: an open quote" },
		{ TEXT("A=\"s3cret\\\""), "line 1: an open quote" },
		{ TEXT("A=\"s3cret\\"), "line 1: an open quote" },
		{ TEXT("A=1\nB=s3\0cret\n"), "line 2: a zero byte" },
		{ TEXT("A=1\n\0"), "line 2: a zero byte" },
		{ TEXT("A='s3\0cret'"), "line 1: a zero byte" },
		{ TEXT("# s3\0cret"), "line 1: a zero byte" },
		{ TEXT("A\0=s3cret"), "line 1: a zero byte" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { 0 };
		size_t len;
		int got;

		free(parse(&got, &len, cases[i].source, cases[i].len, &err));
		assert_int_equal(got, -1);
		assert_string_equal(err.text, cases[i].message);
	}
}

static void names_are_portable(void **state)
{
	static const char *const texts[] = { "A=", "_", "aZ09_-",  "9a",
					     "",   "=", "\xc3\xa4" };
	static const size_t lens[] = { 1, 1, 5, 0, 0, 0, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		assert_int_equal(envfile_name_end(texts[i]) - texts[i],
				 lens[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(assignments_are_read_as_systemd_does),
		cmocka_unit_test(errors_name_the_line_and_quote_nothing),
		cmocka_unit_test(names_are_portable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
