#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "data/service.h"
#include "image/accounts.h"

/* The [Service] lines, the user and group they mean; -1: refused. */
static const struct {
	const char *lines;
	int64_t uid, gid;
} cases[] = {
	{ "", 65532, 65532 },
	{ "User=nonroot", 65532, 65532 },
	{ "User=nobody", 65534, 65534 },
	{ "User=root", 0, 0 },
	{ "User=0", 0, 0 },
	{ "User=65534", 65534, 65534 },
	{ "User=1000", 1000, 1000 },
	{ "User=1000:50", 1000, 50 },
	{ "User=1000:staff", 1000, 50 },
	{ "User=nobody:tty", 65534, 5 },
	{ "User=1000\nGroup=nonroot", 1000, 65532 },
	{ "Group=7", 65532, 7 },
	{ "User=alice", -1, -1 },
	{ "User=1000:alice", -1, -1 },
	{ "Group=alice", -1, -1 },
	{ "SupplementaryGroups=5 wheel", -1, -1 },
};

static int resolve(struct service *service, const char *lines, struct err *err)
{
	static char text[256];

	strcpy(text, "[Service]\n");
	strcat(text, lines);
	if (service_parse(service, text, strlen(text), err) < 0)
		return -1;
	struct accounts accounts;

	accounts_start(&accounts);
	int result = accounts_resolve(service, &accounts, err);

	accounts_free(&accounts);
	return result;
}

static void names_become_numbers(void **state)
{
	struct service service;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (resolve(&service, cases[i].lines, &err) < 0) {
			assert_int_equal(cases[i].uid, -1);
			continue;
		}
		assert_null(service.user.name);
		assert_null(service.group.name);
		assert_int_equal(service.user.id, cases[i].uid);
		assert_int_equal(service.group.id, cases[i].gid);
	}
}

static void supplementary_groups_become_numbers(void **state)
{
	struct service service;
	struct err err;

	(void)state;
	assert_int_equal(
		resolve(&service, "SupplementaryGroups=tty 9 staff", &err), 0);
	assert_int_equal(service.groups[0].id, 5);
	assert_int_equal(service.groups[1].id, 9);
	assert_int_equal(service.groups[2].id, 50);
	assert_null(service.groups[2].name);
}

static void owners_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t uid, gid;
	} owners[] = {
		{ "0:0", 0, 0 },
		{ "nonroot", 65532, 65532 },
		{ "7", 7, 7 },
		{ "nobody:tty", 65534, 5 },
		{ "", -1, -1 },
		{ ":", -1, -1 },
		{ "1:", -1, -1 },
		{ ":1", -1, -1 },
		{ "x", -1, -1 },
		{ "1:2:3", -1, -1 },
		{ "4294967295", -1, -1 },
		{ "-1", -1, -1 },
	};
	struct accounts accounts;
	uint32_t uid, gid;
	struct err err;

	(void)state;
	accounts_start(&accounts);
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		int result = accounts_owner(&uid, &gid, &accounts,
					    slice_from(owners[i].text), &err);

		assert_int_equal(result, owners[i].uid < 0 ? -1 : 0);
		if (result == 0) {
			assert_int_equal(uid, owners[i].uid);
			assert_int_equal(gid, owners[i].gid);
		}
	}
	accounts_free(&accounts);
}

static void accounts_of_recipes_are_checked(void **state)
{
	static const struct {
		const char *text, *error;
	} added[] = {
		{ "www:33", NULL },
		{ "redis:999:65534:/var/lib/redis", NULL },
		{ "www:34", "www: is a user already" },
		{ "other:33", "other: 33 is the user www already" },
		{ "tty:7", "tty: is the group 5 already" },
		{ "root:1", "root: is a user already" },
		{ "x", "'x' is no account (such as www:33 or "
		       "redis:999:999:/var/lib/redis)" },
		{ "x:", "'x:' is no account (such as www:33 or "
			"redis:999:999:/var/lib/redis)" },
		{ "X:1", "'X:1' is no account (such as www:33 or "
			 "redis:999:999:/var/lib/redis)" },
		{ "x:1:2:home", "'x:1:2:home' is no account (such as www:33 "
				"or redis:999:999:/var/lib/redis)" },
		{ "x:1:2:/a:b", "'x:1:2:/a:b' is no account (such as www:33 "
				"or redis:999:999:/var/lib/redis)" },
		{ "x:4294967295", "'x:4294967295' is no account (such as "
				  "www:33 or redis:999:999:/var/lib/redis)" },
	};
	struct accounts accounts;
	const char *home;
	struct err err;

	(void)state;
	accounts_start(&accounts);
	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
		int result = accounts_add(&accounts, &home, added[i].text,
					  &err);

		assert_int_equal(result, added[i].error ? -1 : 0);
		if (added[i].error)
			assert_string_equal(err.text, added[i].error);
	}
	assert_string_equal(
		accounts.passwd.at + strlen(accounts_passwd),
		"www:x:33:33:www:/nonexistent:/sbin/nologin\n"
		"redis:x:999:65534:redis:/var/lib/redis:/sbin/nologin\n");
	assert_string_equal(accounts.group.at + strlen(accounts_group),
			    "www:x:33:\n");
	accounts_free(&accounts);
}

/* As docker and podman find a user, in the image's own files. */
static void an_images_own_accounts_are_found(void **state)
{
	static const char passwd[] = "root:x:0:0::/:\nweb:x:101:102::/:\n"
				     "broken\nlast:x:9:8";
	static const char group[] = "root:x:0:\nwww:x:33:web\n";
	static const struct {
		const char *text;
		int64_t uid, gid; /* uid -1: an error */
	} users[] = {
		{ "", 0, 0 },	      { "web", 101, 102 },
		{ "101", 101, 102 },  { "web:www", 101, 33 },
		{ "web:5", 101, 5 },  { "77", 77, 0 },
		{ "77:78", 77, 78 },  { "last", 9, 8 },
		{ "0:www", 0, 33 },   { "web:", 101, 102 },
		{ "nobody", -1, -1 }, { "web:nobody", -1, -1 },
	};
	uint32_t uid, gid;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		int result = accounts_find(&uid, &gid, passwd, group,
					   slice_from(users[i].text), &err);

		assert_int_equal(result, users[i].uid < 0 ? -1 : 0);
		if (result == 0) {
			assert_int_equal(uid, users[i].uid);
			assert_int_equal(gid, users[i].gid);
		}
	}
	assert_true(accounts_has(passwd, 101));
	assert_false(accounts_has(passwd, 102));
}

/* Byte for byte what distroless's structure tests compare with. */
static void the_texts_are_those_of_distroless(void **state)
{
	(void)state;
	assert_string_equal(
		accounts_passwd,
		"root:x:0:0:root:/root:/sbin/nologin\n"
		"nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n"
		"nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n");
	assert_string_equal(accounts_group, "root:x:0:\nnobody:x:65534:\n"
					    "tty:x:5:\nstaff:x:50:\n"
					    "nonroot:x:65532:\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_numbers),
		cmocka_unit_test(supplementary_groups_become_numbers),
		cmocka_unit_test(owners_are_read),
		cmocka_unit_test(an_images_own_accounts_are_found),
		cmocka_unit_test(accounts_of_recipes_are_checked),
		cmocka_unit_test(the_texts_are_those_of_distroless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
