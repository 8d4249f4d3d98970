#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "data/rights.h"
#include "data/service.h"

/* All that kernels of that ABI know (linux/landlock.h of each). */
static const uint32_t known[] = {
	0x00000, 0x01fff, 0x03fff, 0x07fff, 0x37fff, 0x3ffff, 0xfffff, 0xfffff,
};

static void each_abi_knows_what_its_kernel_does(void **state)
{
	(void)state;
	for (int abi = 0; abi < (int)(sizeof(known) / sizeof(known[0])); abi++)
		assert_int_equal(rights_known(abi), known[abi]);
	assert_int_equal(rights_known(1000), 0xfffff);
}

/* What a key restricts, and what of that a kernel of each ABI lacks. */
static const struct {
	const char *text;
	int key;
	uint32_t rights;
	int abi; /* from this one on it has all of them */
	const char *missing[8];
} cases[] = {
	{ "LandlockRead=/etc", SERVICE_READ, 0xc, 1, { "files (ABI 1)" } },
	{ "LandlockExec=none", SERVICE_EXECUTE, 0x1, 1, { "files (ABI 1)" } },
	{ "LandlockWrite=/data",
	  SERVICE_WRITE,
	  0xfff2,
	  5,
	  { "files (ABI 1), moves between directories (ABI 2), truncation "
	    "(ABI 3), ioctl of devices (ABI 5)",
	    "moves between directories (ABI 2), truncation (ABI 3), ioctl of "
	    "devices (ABI 5)",
	    "truncation (ABI 3), ioctl of devices (ABI 5)",
	    "ioctl of devices (ABI 5)", "ioctl of devices (ABI 5)" } },
	{ "LandlockBind=80",
	  SERVICE_BIND,
	  0x10000,
	  4,
	  { "TCP ports (ABI 4)", "TCP ports (ABI 4)", "TCP ports (ABI 4)",
	    "TCP ports (ABI 4)" } },
	{ "LandlockConnect=none",
	  SERVICE_CONNECT,
	  0x20000,
	  4,
	  { "TCP ports (ABI 4)", "TCP ports (ABI 4)", "TCP ports (ABI 4)",
	    "TCP ports (ABI 4)" } },
	{ "LandlockScope=signal",
	  SERVICE_LANDLOCK,
	  0x80000,
	  6,
	  { "scopes (ABI 6)", "scopes (ABI 6)", "scopes (ABI 6)",
	    "scopes (ABI 6)", "scopes (ABI 6)", "scopes (ABI 6)" } },
	{ "LandlockScope=abstract-unix-socket",
	  SERVICE_LANDLOCK,
	  0x40000,
	  6,
	  { "scopes (ABI 6)", "scopes (ABI 6)", "scopes (ABI 6)",
	    "scopes (ABI 6)", "scopes (ABI 6)", "scopes (ABI 6)" } },
	{ "LandlockScope=", SERVICE_LANDLOCK, 0, 0, { NULL } },
	{ "LandlockRead=", SERVICE_READ, 0, 0, { NULL } },
};

static void each_key_restricts_its_own_and_knows_its_abi(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct service service;
		struct err err;
		char text[128] = "[Service]\n";

		strcat(text, cases[i].text);
		assert_int_equal(
			service_parse(&service, text, strlen(text), &err), 0);
		for (int key = 0; key < RIGHTS_KEYS; key++)
			assert_int_equal(rights_wanted(&service, key),
					 key == cases[i].key ? cases[i].rights
							     : 0);
		assert_int_equal(rights_abi(cases[i].rights), cases[i].abi);
		for (int abi = 0; abi < 8; abi++) {
			char words[RIGHTS_MISSING_MAX];
			uint32_t missing = cases[i].rights & ~rights_known(abi);

			assert_int_equal(missing == 0, abi >= cases[i].abi);
			if (!missing)
				continue;
			rights_missing(words, missing);
			assert_string_equal(words, cases[i].missing[abi]);
		}
	}
}

/* Every right that there is belongs to one key, and to no other. */
static void the_keys_share_nothing_and_leave_nothing_out(void **state)
{
	struct service service;
	struct err err;
	char text[] = "[Service]\nLandlockRead=none\nLandlockWrite=none\n"
		      "LandlockExec=none\nLandlockBind=none\n"
		      "LandlockConnect=none\n"
		      "LandlockScope=signal abstract-unix-socket\n";
	uint32_t all = 0;

	(void)state;
	assert_int_equal(service_parse(&service, text, strlen(text), &err), 0);
	for (int key = 0; key < RIGHTS_KEYS; key++) {
		uint32_t rights = rights_wanted(&service, key);

		assert_int_equal(all & rights, 0);
		all |= rights;
		assert_int_equal(strncmp(service_key((size_t)rights_key(key)),
					 "Landlock", 8),
				 0);
		assert_true(service_is_best_effort(&service, rights_key(key)) ==
			    false);
	}
	assert_int_equal(all, 0xfffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_abi_knows_what_its_kernel_does),
		cmocka_unit_test(each_key_restricts_its_own_and_knows_its_abi),
		cmocka_unit_test(the_keys_share_nothing_and_leave_nothing_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
