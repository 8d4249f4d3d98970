/* Which modules Linux-PAM's configuration names by a path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "data/pam_conf.h"

static void check(const char *text, bool has_service, const char *expected)
{
	auto_buf struct buf lines = { 0 };
	auto_buf struct buf all = { 0 };
	struct pam_conf conf = { .has_service = has_service };
	struct slice module;

	pam_conf_join(&lines, slice_from(text));
	conf.text = buf_slice(&lines);
	while (pam_conf_module(&module, &conf))
		buf_fmt(&all, "%.*s,", SLICE_ARGS(module));
	if (conf.leads_away)
		buf_text(&all, "away");
	buf_text(&all, "");
	assert_string_equal(all.at, expected);
}

static void test_modules(void **state)
{
	(void)state;
	check("", false, "");
	check("auth required pam_unix.so nullok file=/x\n", false, "");
	check("auth required /lib/one.so /two\n-session\toptional\t/three.so",
	      false, "/lib/one.so,/three.so,");
	check("auth [success=1 default=ignore] sub/one.so\n", false,
	      "sub/one.so,");
	check("auth [user=\\] a b] /one.so x\n", false, "/one.so,");
	check("login auth required /one.so\n", true, "/one.so,");
	check("login auth required /one.so\n", false, "");
	check("auth required\nauth\n@include\n", false, "");
}

static void test_lines(void **state)
{
	(void)state;
	check("# auth required /one.so\n \t# x /y /z\n", false, "");
	check("auth required # /one.so\n", false, "");
	check("auth \\\n  required\\ \t\n /one.so\n", false, "/one.so,");
	/* Lines of comments do not end one that is continued; a hash does. */
	check("auth required \\\n# here\n\n/one.so\n", false, "/one.so,");
	check("auth required \\\n x # \\\n/one.so\n", false, "");
	check("auth [a=1 \\\n b=2] /one.so\n", false, "/one.so,");
}

static void test_away(void **state)
{
	(void)state;
	check("@include common-auth\nauth include other\n", false, "");
	check("@include /etc/other\n", false, "away");
	check("auth Include ../other\nauth required /one.so\n", false,
	      "/one.so,away");
	check("auth substack /other", false, "away");
	check("auth required /lib/$ISA/one.so\n", false, "away");
	check("auth required [/one two.so]\n", false, "away");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
