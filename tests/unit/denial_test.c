#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/denial.h"

#define TEXT                                                            \
	"pith-init: denied io_uring_setup(64) by billing[7] -> EPERM; " \
	"allow: SystemCallFilter=io_uring_setup; "                      \
	"why: pith profile explain io_uring_setup PROGRAM"
#define OBJECT                                                          \
	"{\"level\":\"warning\",\"program\":\"pith-init\",\"message\":" \
	"\"denied io_uring_setup(64) by billing[7] -> EPERM; "          \
	"allow: SystemCallFilter=io_uring_setup; "                      \
	"why: pith profile explain io_uring_setup PROGRAM\"}"
#define SAYS(text) "{\"program\":\"pith-init\",\"message\":\"" text "\"}"
#define QUOTED                                                          \
	"pith-init: denied io_uring_setup(64) by billing[7] -> EPERM; " \
	"allow: x"
#define AUDITED                                                          \
	"pith-init: audit: would deny io_uring_setup(64) by billing[7] " \
	"-> EPERM; allow: x; number: 425"
#define AUDIT                                                         \
	"auid=4294967295 uid=65532 gid=65532 ses=4294967295 pid=812 " \
	"comm=\"billing\" exe=\"/app/billing\" sig=31 arch=c000003e " \
	"syscall=425 compat=0 ip=0x7f21 code=0x80000000"

/* Lines that all say the same, but for who wrote them down. */
static const char *const same[] = {
	TEXT,
	TEXT "\r",
	"2026-11-21T06:37:00.123456789Z " TEXT,
	"2026-11-21T06:37:00.123456789+00:00 " TEXT,
	"2026-11-21T06:37:00.123456789Z stderr F " TEXT,
	"[pod/billing-5d/app] " TEXT,
	"[pod/billing-5d/app] 2026-11-21T06:37:00.1Z " TEXT,
	"billing-1  | " TEXT,
	"Nov 21 06:37:00 node7 3f2a91c0b7de[412]: " TEXT,
	"Nov  1 06:37:00 node7 podman: " TEXT,
	"2026-11-21T06:37:00+0000 node7 billing[412]: " TEXT,
	"2026-11-21T06:37:00,123456+00:00 node7 billing[412]: " TEXT,
	"Nov 21 06:37:00 node7 " TEXT,
	AUDITED,
	"2026-11-21T06:37:00.123456789Z " AUDITED,
	SAYS("audit: would deny io_uring_setup(64) by billing[7] -> EPERM"),
	OBJECT,
	"2026-11-21T06:37:00.123456789Z stderr F " OBJECT,
	"2026-11-21T06:37:00+0000 node7 billing[412]: " OBJECT,
	"{\"log\":\"" QUOTED "\\n\",\"stream\":\"stderr\",\"time\":\"x\"}",
	"{\"log\":\"" QUOTED "\\r\\n\",\"stream\":\"stderr\"}",
	"{\"MESSAGE\":\"" QUOTED "\",\"_PID\":\"412\"}",
};

static bool read_one(struct denial *out, const char *text)
{
	struct denial_reader reader = { 0 };
	size_t len = strlen(text);
	/* At an exact size, so that ASan sees each byte too far. */
	char *copy = malloc(len ? len : 1);

	memcpy(copy, text, len);
	bool result = denial_read(out, &reader, (struct slice){ copy, len });

	free(copy);
	return result;
}

static void every_engine_s_form_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct denial denial;

		if (!read_one(&denial, same[i]))
			fail_msg("not read: %s", same[i]);
		assert_int_equal(denial.kind, DENIAL_CALL);
		assert_string_equal(denial.call, "io_uring_setup");
		assert_string_equal(denial.program, "billing");
		assert_string_equal(denial.error, "EPERM");
		assert_int_equal(denial.count, 1);
	}
}

static const char *const audits[] = {
	"type=SECCOMP msg=audit(1763706420.123:45): " AUDIT,
	"type=1326 audit(1763706420.123:45): " AUDIT,
	"audit: type=1326 audit(1763706420.123:45): " AUDIT,
	"[  812.345678] audit: type=1326 audit(1763706420.123:45): " AUDIT,
	"Nov 21 06:37:00 node7 kernel: audit: type=1326 audit(1.2:3): " AUDIT,
	"Nov 21 06:37:00 node7 audit[812]: SECCOMP " AUDIT,
	"node=node7 type=SECCOMP msg=audit(1.2:3): " AUDIT,
	"type=SECCOMP msg=audit(1.2:3): " AUDIT "\x1d"
	"ARCH=x86_64 "
	"SYSCALL=read syscall=0 comm=\"x\"",
};

static void the_kernel_s_records_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(audits) / sizeof(audits[0]); i++) {
		struct denial denial;

		if (!read_one(&denial, audits[i]))
			fail_msg("not read: %s", audits[i]);
		assert_string_equal(denial.call, "");
		assert_int_equal(denial.audit, 0xc000003e);
		assert_int_equal(denial.nr, 425);
		assert_string_equal(denial.program, "billing");
		assert_string_equal(denial.error, "killed");
	}
}

static const struct {
	const char *line;
	const char *call; /* NULL: no denial */
	const char *program;
} lines[] = {
	{ "pith-init: denied socket(AF_NETLINK, SOCK_RAW, 0) by a[1] -> EPERM",
	  "socket", "a" },
	{ "pith-init: denied ioctl(0, TIOCSTI) by a b[c] -> [12] -> EPERM; x",
	  NULL, NULL },
	{ "pith-init: denied read() by a [b[12] -> EACCES", "read", "a [b" },
	{ "pith-init: denied read() by \x1b[2J[12] -> ENOSYS", "read", "?[2J" },
	{ "pith-init: denied read() by [12] -> EPERM", "read", "" },
	{ "pith-init: denied read() by a[12] -> EPERM", "read", "a" },
	{ "pith-init: denied Read() by a[12] -> EPERM", NULL, NULL },
	{ "pith-init: denied read@() by a[12] -> EPERM", NULL, NULL },
	{ "pith-init: denied () by a[12] -> EPERM", NULL, NULL },
	{ "pith-init: denied read by a[12] -> EPERM", NULL, NULL },
	{ "pith-init: denied read() by a[12] -> ", NULL, NULL },
	{ "pith-init: denied read() by a[12] -> ok", NULL, NULL },
	{ "pith-init: denied read() by a[x] -> EPERM", NULL, NULL },
	{ "pith-init: denied read() by a12 -> EPERM", NULL, NULL },
	{ "pith-init: denied a123456789012345678901234567890(1) by a[1] -> "
	  "EPERM",
	  "a123456789012345678901234567890", "a" },
	{ "pith-init: denied a1234567890123456789012345678901(1) by a[1] -> "
	  "EPERM",
	  NULL, NULL },
	/* Only what begins with it. */
	{ "x pith-init: denied read() by a[12] -> EPERM", NULL, NULL },
	{ " pith-init: denied read() by a[12] -> EPERM", NULL, NULL },
	{ "GET /pith-init: denied read() by a[12] -> EPERM", NULL, NULL },
	{ "error: pith-init: denied read() by a[12] -> EPERM", NULL, NULL },
	{ "pith-init: main process ended with code 1", NULL, NULL },
	{ "", NULL, NULL },
	{ "{", NULL, NULL },
	{ "{}", NULL, NULL },
	{ "{\"program\":\"pith-init\",\"user\":\"x\"}", NULL, NULL },
	{ "{\"program\":\"pith-init\",\"message\":7}", NULL, NULL },
	{ "{\"program\":\"app\",\"message\":\"denied read() by a[1] -> "
	  "EPERM\"}",
	  NULL, NULL },
	{ SAYS("denied re\\nad() by a[1] -> EPERM"), NULL, NULL },
	{ SAYS("denied re\\u0000ad() by a[1] -> EPERM"), NULL, NULL },
	{ SAYS("ready"), NULL, NULL },
	{ SAYS("denied openat(-100, \\\"/x\\\") by a[1] -> EPERM"), "openat",
	  "a" },
	{ SAYS("denied read() by a[1] -> EPERM") " x", NULL, NULL },
	{ "{\"program\":\"pith-init\",\"message\":\"\",\"message\":\"denied "
	  "read() by a[1] -> EPERM\"}",
	  NULL, NULL },
	/* A log within a log within a log is nobody's. */
	{ "{\"log\":\"{\\\"log\\\":\\\"{}\\\\n\\\"}\\n\"}", NULL, NULL },
	/* What docker has cut off goes on in the next object. */
	{ "{\"log\":\"pith-init: denied read() by a[12] -> EPERM\"}", NULL,
	  NULL },
	{ "2026-11-21T06:37:00Z stderr P pith-init: denied read() by a[1] -> "
	  "EPERM",
	  NULL, NULL },
	{ "type=SECCOMP msg=audit(1.2:3): pid=1 comm=\"a\" syscall=1", NULL,
	  NULL },
	{ "type=SECCOMP msg=audit(1.2:3): pid=1 comm=\"a\" arch=c000003e", NULL,
	  NULL },
	{ "type=SYSCALL msg=audit(1.2:3): arch=c000003e syscall=1", NULL,
	  NULL },
	{ "type=SECCOMP msg=audit(1.2:3): arch=zz syscall=1", NULL, NULL },
};

static void a_line_counts_as_a_whole_or_not_at_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct denial denial;
		bool got = read_one(&denial, lines[i].line);

		if (got != (lines[i].call != NULL))
			fail_msg("%d: %s", got, lines[i].line);
		if (!got)
			continue;
		assert_string_equal(denial.call, lines[i].call);
		assert_string_equal(denial.program, lines[i].program);
	}
}

/* A service's long line must not become a line of pith-init's where it is cut. */
static void the_rest_of_a_split_line_is_no_line(void **state)
{
	static const char *const logs[][3] = {
		{ "2026-11-21T06:37:00Z stdout P aaaa",
		  "2026-11-21T06:37:00Z stdout F " TEXT,
		  "2026-11-21T06:37:00Z stdout F " TEXT },
		{ "{\"log\":\"aaaa\",\"stream\":\"stdout\"}",
		  "{\"log\":\"" QUOTED "\\n\",\"stream\":\"stdout\"}",
		  "{\"log\":\"" QUOTED "\\n\",\"stream\":\"stdout\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		struct denial_reader reader = { 0 };
		struct denial denial;

		assert_false(
			denial_read(&denial, &reader, slice_from(logs[i][0])));
		assert_false(
			denial_read(&denial, &reader, slice_from(logs[i][1])));
		assert_true(
			denial_read(&denial, &reader, slice_from(logs[i][2])));
		/* The other stream's line is whole all the while. */
		denial_read(&denial, &reader, slice_from(logs[i][0]));
		assert_true(denial_read(
			&denial, &reader,
			slice_from("2026-11-21T06:37:00Z stderr F " TEXT)));
	}
}

static void suppressed_ones_are_counted(void **state)
{
	struct denial denial;

	(void)state;
	assert_true(read_one(&denial, "pith-init: 37 more denials suppressed"));
	assert_int_equal(denial.kind, DENIAL_SUPPRESSED);
	assert_int_equal(denial.count, 37);
	assert_true(read_one(&denial, SAYS("9 more denials suppressed")));
	assert_int_equal(denial.count, 9);
	assert_false(read_one(&denial, "pith-init: x more denials suppressed"));
	assert_false(read_one(&denial, SAYS("-9 more denials suppressed")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_engine_s_form_is_read),
		cmocka_unit_test(the_kernel_s_records_are_read),
		cmocka_unit_test(a_line_counts_as_a_whole_or_not_at_all),
		cmocka_unit_test(the_rest_of_a_split_line_is_no_line),
		cmocka_unit_test(suppressed_ones_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
