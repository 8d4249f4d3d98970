/* What configuration says of libraries that are opened at run time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "data/choice_conf.h"

static void check_services(const char *text, const char *expected)
{
	struct choice_conf conf = { .text = slice_from(text) };
	auto_buf struct buf all = { 0 };
	struct slice service;

	while (choice_conf_service(&service, &conf))
		buf_fmt(&all, "%.*s,", SLICE_ARGS(service));
	assert_string_equal(all.len ? all.at : "", expected);
}

static void test_services(void **state)
{
	(void)state;
	check_services("", "");
	check_services("# passwd: files\n\n", "");
	check_services("passwd: files systemd\n", "files,systemd,");
	check_services("hosts:\tfiles mdns4_minimal [NOTFOUND=return] dns",
		       "files,mdns4_minimal,dns,");
	check_services("hosts: files[!UNAVAIL=return]dns # nis\n"
		       "group:\n  \nrpc: db\n",
		       "files,dns,db,");
	check_services("whatever : x[", "x,");
	check_services("no database\n", "");
	check_services("passwd: a\r\ngroup: b\r\n", "a,b,");
}

static void check_preloaded(const char *text, const char *expected)
{
	struct slice rest = slice_from(text);
	auto_buf struct buf all = { 0 };
	struct slice name;

	while (choice_conf_preloaded(&name, &rest))
		buf_fmt(&all, "%.*s,", SLICE_ARGS(name));
	assert_string_equal(all.len ? all.at : "", expected);
}

static void test_preloaded(void **state)
{
	(void)state;
	check_preloaded("", "");
	check_preloaded(" \n# /lib/a.so\n::\n#", "");
	check_preloaded("/lib/a.so:b.so c.so#d.so\n\te.so",
			"/lib/a.so,b.so,c.so,e.so,");
}

static void test_gconv(void **state)
{
	(void)state;
	assert_false(choice_conf_gconv_leads_away(
		SLICE("alias\tA//\tB//\nmodule\tA//\tINTERNAL\tA\t1\n")));
	assert_false(choice_conf_gconv_leads_away(
		SLICE("# module A// INTERNAL /x/A 1\n")));
	assert_true(choice_conf_gconv_leads_away(
		SLICE("module A// INTERNAL /x/A 1\n")));
	assert_true(choice_conf_gconv_leads_away(
		SLICE("MODULE A// INTERNAL ../A 1")));
}

static void test_openssl(void **state)
{
	(void)state;
	assert_false(choice_conf_openssl_loads(
		SLICE("openssl_conf = a\n[a]\nproviders = b\n"
		      "[b]\ndefault = c\n[c]\nactivate = 1\n"
		      "# module = /x.so\n")));
	assert_true(choice_conf_openssl_loads(SLICE("module = /x.so\n")));
	assert_true(choice_conf_openssl_loads(SLICE("  dynamic_path=x\n")));
	assert_true(choice_conf_openssl_loads(SLICE("path.2 = x\n")));
	assert_true(choice_conf_openssl_loads(SLICE(".include /etc/x\n")));
	assert_true(choice_conf_openssl_loads(SLICE("mine :: module = /x\n")));
	assert_true(choice_conf_openssl_loads(SLICE("m::module=/x\n")));
}

static void test_sasl(void **state)
{
	auto_buf struct buf text = { 0 };

	(void)state;
	assert_false(choice_conf_sasl_lists(SLICE("")));
	assert_false(choice_conf_sasl_lists(
		SLICE("mech_list: plain\n# plugin_list: /x\n")));
	assert_false(choice_conf_sasl_lists(SLICE("plugin_lists: /x\n")));
	/* A key ends at the colon, else the file is none. */
	assert_false(choice_conf_sasl_lists(SLICE("plugin_list : /x\n")));
	assert_true(choice_conf_sasl_lists(SLICE("plugin_list: /x")));
	assert_true(choice_conf_sasl_lists(
		SLICE("mech_list: plain\n\v Plugin_LIST:/x\r\n")));
	/* The rest of a long line is read as a line. */
	for (int i = 0; i < 4095; i++)
		buf_text(&text, "a");
	assert_true(choice_conf_sasl_lists(buf_slice(&text)));
	text.len--;
	assert_false(choice_conf_sasl_lists(buf_slice(&text)));
}

static void test_p11(void **state)
{
	struct slice name, text = SLICE("# module: a\n"
					"module-x: b\n"
					"module: c#d.so \r\n"
					"module:\n"
					" module :/e: f\n"
					"Module: g\n"
					"module");

	(void)state;
	assert_true(choice_conf_p11_module(&name, &text));
	assert_true(slice_eq(name, "c#d.so"));
	assert_true(choice_conf_p11_module(&name, &text));
	assert_true(slice_eq(name, "/e: f"));
	assert_false(choice_conf_p11_module(&name, &text));
	assert_false(choice_conf_p11_module(&name, &text));
}

static void test_gnutls(void **state)
{
	struct slice name, text = SLICE("#load=a\n"
					" load=b\n"
					"load\n"
					"load=\n"
					"load=/c=d.so\n"
					"load = e.so");

	(void)state;
	assert_true(choice_conf_gnutls_module(&name, &text));
	assert_true(slice_eq(name, "/c=d.so"));
	assert_true(choice_conf_gnutls_module(&name, &text));
	assert_true(slice_eq(name, "e.so"));
	assert_false(choice_conf_gnutls_module(&name, &text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_preloaded),
		cmocka_unit_test(test_gconv),
		cmocka_unit_test(test_openssl),
		cmocka_unit_test(test_sasl),
		cmocka_unit_test(test_p11),
		cmocka_unit_test(test_gnutls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
