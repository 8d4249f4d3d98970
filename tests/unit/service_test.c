#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "data/ini.h"
#include "data/service.h"

static char text[SERVICE_TEXT_MAX + 1];

static int parse(struct service *s, const char *source, struct err *err)
{
	size_t len = strlen(source);

	memset(err, 0, sizeof(*err));
	memcpy(text, source, len);
	return service_parse(s, text, len, err);
}

static void ini_items_come_with_lines(void **state)
{
	struct ini ini = ini_open(SLICE("# c\n[A]\n  k = v w \r\n; c\n\nx=\n"));
	struct ini_item item;
	struct err err;

	(void)state;
	assert_int_equal(ini_next(&item, &ini, &err), 1);
	assert_true(item.is_section && slice_eq(item.key, "A"));
	assert_int_equal(ini_next(&item, &ini, &err), 1);
	assert_true(slice_eq(item.key, "k") && slice_eq(item.value, "v w"));
	assert_int_equal(ini.line, 3);
	assert_int_equal(ini_next(&item, &ini, &err), 1);
	assert_true(slice_eq(item.key, "x") && item.value.len == 0);
	assert_int_equal(ini.line, 6);
	assert_int_equal(ini_next(&item, &ini, &err), 0);
}

static void every_key_is_read(void **state)
{
	struct service s;
	struct err err;

	(void)state;
	assert_int_equal(
		parse(&s,
		      "[Service]\n"
		      "ExecStart=/app/x --name 'a b' \"c\\\"d\" e\\ f\n"
		      "User=1000:2000\nSupplementaryGroups=1 2\n"
		      "SupplementaryGroups=3\nWorkingDirectory=/data\n"
		      "UMask=0027\nEnvironment=A=1 \"B=2 3\"\n"
		      "Environment=C=\nTimeoutStopSec=1min 30s\n"
		      "SystemCallFilter=@default io_uring_setup\n"
		      "AllowExec=yes\nAnyProgram=no\n"
		      "LimitNOFILE=100:200\nLimitAS=1G\nLimitCORE=0\n"
		      "LimitNPROC=infinity",
		      &err),
		0);
	assert_int_equal(s.exec.count, 5);
	assert_string_equal(s.exec.at[2], "a b");
	assert_string_equal(s.exec.at[3], "c\"d");
	assert_string_equal(s.exec.at[4], "e f");
	assert_true(s.user.id == 1000 && s.group.id == 2000);
	assert_true(s.group_count == 3 && s.groups[2].id == 3);
	assert_string_equal(s.directory, "/data");
	assert_true(s.has_umask && s.umask == 027);
	assert_int_equal(s.environment.count, 3);
	assert_string_equal(s.environment.at[1], "B=2 3");
	assert_int_equal(s.timeout_stop_ms, 90000);
	assert_string_equal(s.filter.at[1], "io_uring_setup");
	assert_true(s.allow_exec && !s.any_program);
	assert_true(s.limits[7].soft == 100 && s.limits[7].hard == 200);
	assert_true(s.limits[9].hard == 1ULL << 30);
	assert_true(s.limits[4].is_set && s.limits[4].hard == 0);
	assert_true(s.limits[6].hard == UINT64_MAX);
}

static void defaults_are_the_documented_ones(void **state)
{
	struct service s;
	struct err err;

	(void)state;
	assert_int_equal(parse(&s, "", &err), 0);
	assert_int_equal(s.timeout_stop_ms, 8000);
	assert_false(s.user.is_set || s.has_umask || s.allow_exec);
	assert_int_equal(s.exec.count + s.filter.count, 0);
}

static void an_empty_list_value_empties_the_list(void **state)
{
	struct service s;
	struct err err;

	(void)state;
	assert_int_equal(parse(&s,
			       "[Service]\nEnvironment=A=1\nEnvironment=\n"
			       "Environment=B=2\n",
			       &err),
			 0);
	assert_int_equal(s.environment.count, 1);
	assert_string_equal(s.environment.at[0], "B=2");
}

static const struct {
	const char *text;
	const char *message;
} bad[] = {
	{ "User=1\n", "line 1: a key before [Service]" },
	{ "[Image]\n", "line 1: [Image]: only [Service] belongs here" },
	{ "[Service\n", "line 1: '[Service': a section is [Name]" },
	{ "[Service]\nUser\n", "line 2: 'User': expected Key=Value" },
	{ "[Service]\nUsr=1\n", "line 2: Usr: unknown key" },
	{ "[Service]\nRestart=yes\n",
	  "line 2: Restart: 'yes' is not no|on-success|on-failure|"
	  "on-abnormal|on-watchdog|on-abort|always" },
	{ "[Service]\nLogLevel=notice\n",
	  "line 2: LogLevel: 'notice' is not |error|warning|info|debug" },
	{ "[Service]\nExecStopPost=a\n",
	  "line 2: ExecStopPost: 'a' is not an absolute path" },
	{ "[Service]\nOverride=Usr\n", "line 2: Override: Usr: unknown key" },
	{ "[Service]\nUser=\n", "line 2: User: empty name" },
	{ "[Service]\nUser=12x\n",
	  "line 2: User: '12x' is not a number or a name" },
	{ "[Service]\nUser=4294967295\n",
	  "line 2: User: 4294967295: not a valid id" },
	{ "[Service]\nUser=a b\n", "line 2: User: 'a b' is not a name" },
	{ "[Service]\nUser=1\nUser=2\n", "line 3: User: given twice" },
	{ "[Service]\nUMask=9\n", "line 2: UMask: '9' is not an octal mask" },
	{ "[Service]\nUMask=7777\n",
	  "line 2: UMask: '7777' is not an octal mask" },
	{ "[Service]\nLimitNOFILE=5:4\n",
	  "line 2: LimitNOFILE: '5:4' is not a limit: soft is above hard" },
	{ "[Service]\nLimitNOFILE=1K\n", "line 2: LimitNOFILE: '1K' is not a "
					 "limit (N, SOFT:HARD or infinity)" },
	{ "[Service]\nLimitAS=-1\n", "line 2: LimitAS: '-1' is not a limit (N, "
				     "SOFT:HARD or infinity)" },
	{ "[Service]\nTimeoutStopSec=soon\n",
	  "line 2: TimeoutStopSec: 'soon' is not a time span" },
	{ "[Service]\nAllowExec=perhaps\n",
	  "line 2: AllowExec: 'perhaps' is not yes or no" },
	{ "[Service]\nExecStart=app\n",
	  "line 2: ExecStart: 'app' is not an absolute path" },
	{ "[Service]\nExecStart=/a 'b\n",
	  "line 2: ExecStart: an open quote, or '\\' before what needs none" },
	{ "[Service]\nExecStart=/a \\x\n",
	  "line 2: ExecStart: an open quote, or '\\' before what needs none" },
	{ "[Service]\nExecStart=/a \\\n",
	  "line 2: a line cannot be continued with '\\'" },
	{ "[Service]\nEnvironment=1A=b\n",
	  "line 2: Environment: '1A=b' is not NAME=value" },
	{ "[Service]\nEnvironment=A\n",
	  "line 2: Environment: 'A' is not NAME=value" },
	{ "[Service]\nEnvironmentFile=-a\n",
	  "line 2: EnvironmentFile: '-a' is not /path" },
	{ "[Service]\nEnvironmentFile=A:/a\n",
	  "line 2: EnvironmentFile: 'A:/a' is not /path" },
	{ "[Service]\nSecret=/a\n", "line 2: Secret: '/a' is not NAME:/path" },
	{ "[Service]\nSecret=A:/a A/a\n",
	  "line 2: Secret: 'A/a' is not NAME:/path" },
	{ "[Service]\nSecret=A:--/a\n",
	  "line 2: Secret: 'A:--/a' is not NAME:/path" },
	{ "[Service]\nSecretFD=:/a\n",
	  "line 2: SecretFD: ':/a' is not NAME:/path" },
	{ "[Service]\nNoNewPrivileges=maybe\n",
	  "line 2: NoNewPrivileges: 'maybe' is not yes or no" },
	{ "[Service]\nCapabilityBoundingSet=CAP_CHOWN KILL\n",
	  "line 2: CapabilityBoundingSet: 'KILL' is not a capability" },
	{ "[Service]\nAmbientCapabilities=CAP_\n",
	  "line 2: AmbientCapabilities: 'CAP_' is not a capability" },
	{ "[Service]\nAmbientCapabilities=CAP_KILL|SETGID\n",
	  "line 2: AmbientCapabilities: 'CAP_KILL|SETGID' is not a "
	  "capability" },
	{ "[Service]\nSecureBits=~noroot\n",
	  "line 2: SecureBits: '~noroot' is not noroot|noroot-locked|"
	  "no-setuid-fixup|no-setuid-fixup-locked|keep-caps|"
	  "keep-caps-locked" },
	{ "[Service]\nNice=20\n", "line 2: Nice: '20' is not -20 to 19" },
	{ "[Service]\nNice=-21\n", "line 2: Nice: '-21' is not -20 to 19" },
	{ "[Service]\nNice=\n", "line 2: Nice: '' is not -20 to 19" },
	{ "[Service]\nNice=--1\n", "line 2: Nice: '--1' is not -20 to 19" },
	{ "[Service]\nOOMScoreAdjust=1001\n",
	  "line 2: OOMScoreAdjust: '1001' is not -1000 to 1000" },
	{ "[Service]\nLandlockRead=/etc data\n",
	  "line 2: LandlockRead: 'data' is not /path or none" },
	{ "[Service]\nLandlockExec=--/a\n",
	  "line 2: LandlockExec: '--/a' is not /path or none" },
	{ "[Service]\nLandlockBind=/80\n",
	  "line 2: LandlockBind: '/80' is not a port or none" },
	{ "[Service]\nLandlockConnect=65536\n",
	  "line 2: LandlockConnect: '65536' is not a port or none" },
	{ "[Service]\nLandlockScope=sig\n",
	  "line 2: LandlockScope: 'sig' is not abstract-unix-socket|signal" },
	{ "[Service]\nBestEffort=User\n",
	  "line 2: BestEffort: User: is held to in full" },
	{ "[Service]\nBestEffort=Usr\n",
	  "line 2: BestEffort: Usr: unknown key" },
	{ "[Service]\nWorkingDirectory=data\n",
	  "line 2: WorkingDirectory: 'data' is not an absolute path" },
};

static void bad_text_gets_one_exact_line(void **state)
{
	struct service s;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(&s, bad[i].text, &err), -1);
		assert_string_equal(err.text, bad[i].message);
	}
}

static void a_zero_byte_is_refused(void **state)
{
	struct service s;
	struct err err;
	char with_zero[] = "[Service]\nExecStart=/a\0b\n";

	(void)state;
	assert_int_equal(
		service_parse(&s, with_zero, sizeof(with_zero) - 1, &err), -1);
	assert_string_equal(err.text, "line 2: a zero byte in the text");
}

static void too_many_words_are_refused(void **state)
{
	struct service s;
	struct err err;
	char many[1024] = "[Service]\nExecStart=/a";

	(void)state;
	for (int i = 0; i < SERVICE_WORDS_MAX; i++)
		strcat(many, " b");
	assert_int_equal(parse(&s, many, &err), -1);
	assert_string_equal(err.text, "line 2: ExecStart: more than 64 words");
}

/* What -o may do on top of an image's settings. */
static const struct {
	const char *image;
	const char *key;
	const char *value;
	int result;
} tighten[] = {
	{ "LimitNOFILE=100", "LimitNOFILE", "50", 0 },
	{ "LimitNOFILE=100", "LimitNOFILE", "101", -1 },
	{ "LimitNOFILE=50:100", "LimitNOFILE", "60", -1 },
	{ "LimitNOFILE=100", "LimitNOFILE", "infinity", -1 },
	{ "", "LimitNOFILE", "100", 0 },
	{ "UMask=022", "UMask", "077", 0 },
	{ "UMask=022", "UMask", "007", -1 },
	{ "", "User", "1000", 0 },
	{ "", "User", "0", -1 },
	{ "User=1000", "User", "1000", 0 },
	{ "User=1000", "User", "1001", -1 },
	{ "User=1000", "User", "0", -1 },
	{ "User=1000:5", "Group", "0", -1 },
	{ "", "AnyProgram", "yes", -1 },
	{ "AnyProgram=yes", "AnyProgram", "no", 0 },
	{ "", "AllowExec", "yes", -1 },
	{ "", "SystemCallFilter", "@default", -1 },
	{ "", "ExecStart", "/bin/sh", -1 },
	{ "", "SupplementaryGroups", "0", -1 },
	{ "TimeoutStopSec=1", "TimeoutStopSec", "9", 0 },
	{ "", "WorkingDirectory", "/tmp", 0 },
	{ "Environment=A=1", "Environment", "A=2", 0 },
	{ "", "NoNewPrivileges", "yes", 0 },
	{ "", "NoNewPrivileges", "no", -1 },
	{ "NoNewPrivileges=no", "NoNewPrivileges", "no", 0 },
	{ "NoNewPrivileges=no", "NoNewPrivileges", "yes", 0 },
	{ "", "CapabilityBoundingSet", "", 0 },
	{ "", "CapabilityBoundingSet", "CAP_KILL", -1 },
	{ "CapabilityBoundingSet=CAP_KILL CAP_CHOWN", "CapabilityBoundingSet",
	  "~CAP_KILL", 0 },
	{ "CapabilityBoundingSet=CAP_KILL", "CapabilityBoundingSet", "CAP_BPF",
	  -1 },
	{ "CapabilityBoundingSet=CAP_KILL", "CapabilityBoundingSet", "~", -1 },
	{ "AmbientCapabilities=CAP_KILL", "AmbientCapabilities", "", 0 },
	{ "", "AmbientCapabilities", "CAP_KILL", -1 },
	{ "", "SecureBits", "noroot", -1 },
	{ "SecureBits=noroot", "SecureBits", "", -1 },
	{ "SecureBits=noroot", "SecureBits", "noroot-locked", 0 },
	{ "SecureBits=noroot", "SecureBits", "keep-caps-locked", 0 },
	{ "SecureBits=noroot", "SecureBits", "keep-caps", -1 },
	{ "SecureBits=noroot", "SecureBits", "no-setuid-fixup", -1 },
	{ "", "Nice", "5", 0 },
	{ "", "Nice", "-1", -1 },
	{ "Nice=5", "Nice", "4", -1 },
	{ "OOMScoreAdjust=100", "OOMScoreAdjust", "99", -1 },
	{ "OOMScoreAdjust=100", "OOMScoreAdjust", "100", 0 },
	{ "", "LandlockRead", "/etc /usr", 0 },
	{ "LandlockRead=/etc", "LandlockRead", "/usr", -1 },
	{ "LandlockRead=/etc", "LandlockRead", "", -1 },
	{ "LandlockRead=/etc", "LandlockRead", "none", 0 },
	{ "LandlockRead=/etc", "LandlockWrite", "/etc", 0 },
	{ "LandlockBind=none", "LandlockBind", "80", -1 },
	{ "LandlockBind=80 443", "LandlockBind", "none", 0 },
	{ "LandlockScope=signal", "LandlockScope", "abstract-unix-socket", 0 },
	{ "LandlockScope=signal", "LandlockScope", "", -1 },
	{ "", "BestEffort", "Nice", -1 },
	{ "", "Nonsense", "1", -1 },
	{ "", "LimitNOFILE", "", -1 },
};

static void later_sources_only_tighten(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tighten) / sizeof(tighten[0]); i++) {
		struct service s, was;
		struct err err;
		char image[96], value[32];

		snprintf(image, sizeof(image), "[Service]\n%s\n",
			 tighten[i].image);
		snprintf(value, sizeof(value), "%s", tighten[i].value);
		assert_int_equal(parse(&s, image, &err), 0);
		was = s;
		int got = service_tighten(&s, slice_from(tighten[i].key), value,
					  strlen(value), &err);

		if (got != tighten[i].result)
			fail_msg("%s, then %s=%s: %d", tighten[i].image,
				 tighten[i].key, tighten[i].value, got);
		if (got < 0)
			assert_memory_equal(&s.limits, &was.limits,
					    sizeof(s.limits));
		if (got < 0)
			assert_int_equal(s.umask, was.umask);
	}
}

static const struct {
	const char *text;
	bool is_filtered;
	const char *message; /* NULL: no contradiction */
} pairs[] = {
	{ "NoNewPrivileges=no", false, NULL },
	{ "NoNewPrivileges=no", true,
	  "NoNewPrivileges: a filter and Landlock need it" },
	{ "NoNewPrivileges=yes", true, NULL },
	{ "NoNewPrivileges=no\nLandlockBind=none", false,
	  "NoNewPrivileges: a filter and Landlock need it" },
	{ "NoNewPrivileges=no\nLandlockScope=signal", false,
	  "NoNewPrivileges: a filter and Landlock need it" },
	{ "AmbientCapabilities=CAP_KILL", true, NULL },
	{ "AmbientCapabilities=CAP_KILL\nCapabilityBoundingSet=CAP_KILL", true,
	  NULL },
	{ "AmbientCapabilities=CAP_KILL\nCapabilityBoundingSet=CAP_BPF", true,
	  "AmbientCapabilities: not within CapabilityBoundingSet" },
	{ "Type=notify\nLandlockScope=signal", true, NULL },
	{ "Type=notify\nLandlockScope=abstract-unix-socket", true,
	  "LandlockScope: abstract-unix-socket closes the socket of "
	  "Type=notify" },
};

static void keys_that_contradict_each_other_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct service s;
		struct err err;
		char source[128];

		snprintf(source, sizeof(source), "[Service]\n%s\n",
			 pairs[i].text);
		assert_int_equal(parse(&s, source, &err), 0);
		assert_int_equal(service_check(&s, pairs[i].is_filtered, &err),
				 pairs[i].message ? -1 : 0);
		if (pairs[i].message)
			assert_string_equal(err.text, pairs[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ini_items_come_with_lines),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(defaults_are_the_documented_ones),
		cmocka_unit_test(an_empty_list_value_empties_the_list),
		cmocka_unit_test(bad_text_gets_one_exact_line),
		cmocka_unit_test(a_zero_byte_is_refused),
		cmocka_unit_test(too_many_words_are_refused),
		cmocka_unit_test(later_sources_only_tighten),
		cmocka_unit_test(keys_that_contradict_each_other_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
