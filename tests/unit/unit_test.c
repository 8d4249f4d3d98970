/* What becomes of each kind of key: a unit's lines, the section's, a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/harden.h"
#include "data/service.h"
#include "data/unit.h"
#include "data/unit_import.h"
#include "data/unit_key.h"
#include "data/unit_word.h"
#include "image/recipe.h"
#include "seccomp/groups.h"

#define START "ExecStart=/bin/x\n"

static const struct {
	const char *lines; /* behind [Service] and START */
	const char *section;
	const char *why; /* in the report */
} cases[] = {
	{ "Type=notify\n", "Type=notify\n", "kept: Type=notify\n" },
	{ "Type=forking\n", "Type=simple\n", "foreground" },
	{ "Type=weird\n", "", "'weird' is not simple|exec|notify" },
	{ "KillMode=control-group\n", "KillMode=all\n", "by another name" },
	{ "KillMode=mixed\n", "KillMode=mixed\n", "kept" },
	{ "KillSignal=SIGRTMIN+3\n", "KillSignal=37\n", "by number" },
	{ "KillSignal=SIGINT\n", "KillSignal=SIGINT\n", "kept" },
	{ "User=redis\n", "User=65532\n", "belong to redis" },
	{ "User=0\nGroup=root\n", "User=0\nGroup=root\n", "kept" },
	{ "Group=redis\n", "", "no such group" },
	{ "SupplementaryGroups=adm root 7\n", "SupplementaryGroups=root 7\n",
	  "adm: the image has no such group" },
	{ "TimeoutSec=1min\n", "TimeoutStartSec=1min\nTimeoutStopSec=1min\n",
	  "changed" },
	{ "TimeoutSec=9\nTimeoutStopSec=5\n",
	  "TimeoutStartSec=9\nTimeoutStopSec=5\n", "changed" },
	{ "TimeoutStopSec=5\nTimeoutSec=9\n",
	  "TimeoutStartSec=9\nTimeoutStopSec=9\n", "replaced at u.service:4" },
	{ "StartLimitInterval=3\n", "StartLimitIntervalSec=3\n",
	  "name of today" },
	{ "WatchdogSec=3min 20s\n", "WatchdogSec=3min 20s\n", "kept" },
	{ "WatchdogSec=soon\n", "", "'soon' is not a time span" },
	{ "SuccessExitStatus=143\nSuccessExitStatus=TEMPFAIL SIGKILL\n",
	  "SuccessExitStatus=143 75 SIGKILL\n", "with the lines before it" },
	{ "LimitNOFILE=1024:infinity\n", "LimitNOFILE=1024:infinity\n",
	  "kept" },
	{ "LimitCPU=1min\n", "LimitCPU=60\n", "a bare number" },
	{ "LimitRTTIME=5ms:1s\n", "LimitRTTIME=5000:1000000\n",
	  "a bare number" },
	{ "LimitNICE=-5\n", "LimitNICE=25\n", "a bare number" },
	{ "LimitCORE=2G\n", "LimitCORE=2G\n", "kept" },
	{ "MemoryDenyWriteExecute=T\n", "MemoryDenyWriteExecute=yes\n",
	  "kept" },
	{ "RestrictRealtime=perhaps\n", "", "neither yes nor no" },
	{ "RestrictNamespaces=~user\nRestrictNamespaces=~net pid\n",
	  "RestrictNamespaces=~user net pid\n", "with the lines before it" },
	{ "RestrictNamespaces=user\nRestrictNamespaces=~net\n", "",
	  "one line allows and another denies" },
	{ "RestrictAddressFamilies=AF_UNIX\nRestrictAddressFamilies=AF_INET\n",
	  "RestrictAddressFamilies=AF_UNIX\nRestrictAddressFamilies=AF_INET\n",
	  "kept" },
	{ "SystemCallArchitectures=native x86\n", "", "always refused" },
	{ "SystemCallErrorNumber=EACCES\n", "SystemCallErrorNumber=EACCES\n",
	  "kept" },
	{ "SystemCallFilter=@system-service\nSystemCallFilter=~ @swap\n",
	  "SystemCallFilter=@system-service\nSystemCallFilter=~@swap\n",
	  "systemd kills for other calls" },
	{ "SystemCallFilter=@basic-io\n", "SystemCallFilter=@basic-io @base\n",
	  "systemd adds its @default" },
	{ "SystemCallFilter=@default read:EPERM\n",
	  "SystemCallFilter=@base read:EPERM\n", "@default is @base here" },
	{ "SystemCallFilter=~@clock ptrace:EIO\n",
	  "SystemCallFilter=~@clock ptrace:EIO\n", "denied of @default" },
	{ "SystemCallFilter=@system-service execve nosuch\n",
	  "SystemCallFilter=@system-service\n",
	  "execve is for AllowExec=yes; nosuch: no such call" },
	{ "Environment=\"A=b c\" D='e' F\n", "Environment=\"A=b c\" D=e\n",
	  "F is not NAME=value" },
	{ "Environment=A=%H B=%n\n", "Environment=B=u@i-j.service\n",
	  "%H: only the host" },
	{ "EnvironmentFile=-/etc/a b\n", "EnvironmentFile=\"-/etc/a b\"\n",
	  "kept" },
	{ "EnvironmentFile=/etc/*.env\n", "", "wildcards" },
	{ "LoadCredential=db.pass:/run/x\n", "SecretFD=db_pass:/run/x\n",
	  "number of an open descriptor" },
	{ "LoadCredential=db\n", "", "without the path of a file" },
	{ "WorkingDirectory=-/var/lib/x\n", "WorkingDirectory=/var/lib/x\n",
	  "builder makes it" },
	{ "WorkingDirectory=~\n", "", "name the directory" },
	{ "WorkingDirectory=%S/%p/%I\n", "WorkingDirectory=/var/lib/u/i/j\n",
	  "kept" },
	{ "PrivateTmp=yes\n", "", "container's own" },
	{ "TTYPath=/dev/tty9\n", "", "terminals are the engine's" },
	{ "TasksAccounting=yes\n", "", "docker stats" },
	{ "Wants=x\n", "", "systemd has no such key there" },
	{ "NoSuchKey=x\n", "", "systemd has no such key there" },
	{ "no key\n", "", "is not Key=Value" },
	{ "UMask=\n", "", "empty, which is the default" },
	{ "UMask=022\nUMask=077\n", "UMask=077\n", "replaced at u.service:4" },
	{ "[X-Mine]\nA=b\n", "", "a section that services do not have" },
	{ "[Unit]\nStartLimitBurst=2\nAfter=x\n", "StartLimitBurst=2\n",
	  "depends_on" },
	{ "[Install]\nWantedBy=x\n", "", "--restart always" },
};

static void import(struct buf *section, struct buf *report, const char *text,
		   int expected)
{
	struct unit_name name = unit_name_of("/a/u@i-j.service", NULL);
	auto_unit struct unit unit = { 0 };
	struct err err = { 0 };

	assert_int_equal(unit_read(&unit, "u.service", slice_from(text), &err),
			 0);
	if (unit_import(section, report, &unit, &name, &err) != expected)
		fail_msg("%s: %s", text, err.text);
}

static void read_back(const struct buf *section, const char *text)
{
	auto_buf struct buf copy = { 0 };
	struct recipe recipe;
	struct err err = { 0 };

	buf_add(&copy, section->at, section->len);
	if (recipe_parse(&recipe, copy.at, copy.len, "x.pith", &err) < 0)
		fail_msg("%s\n%s: %s", text, section->at, err.text);
	recipe_free(&recipe);
}

static void each_kind_of_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_buf struct buf text = { 0 }, section = { 0 },
				    report = { 0 }, want = { 0 };

		buf_text(&text, "[Service]\n" START);
		buf_text(&text, cases[i].lines);
		import(&section, &report, text.at, 0);
		buf_text(&want, "[Service]\n" START);
		buf_text(&want, cases[i].section);
		if (strcmp(section.at, want.at) != 0)
			fail_msg("%s: %s", cases[i].lines, section.at);
		if (!strstr(report.at, cases[i].why))
			fail_msg("%s: %s", cases[i].lines, report.at);
		read_back(&section, text.at);
	}
}

/* A command line, and what stands behind ExecStart=. */
static const struct {
	const char *line, *value, *why;
} commands[] = {
	{ "/bin/x -g 'a; b' \"c d\"", "/bin/x -g \"a; b\" \"c d\"", "kept" },
	{ "@-/bin/x zero one", "/bin/x one", "argv[0] is the path" },
	{ "!!/bin/x", "/bin/x", "runs as User=" },
	{ ":/bin/x $A ${A}", "/bin/x $A ${A}", "kept" },
	{ "/bin/x $A", "/bin/x 1 2", "as Environment= has it" },
	{ "/bin/x ${A}-$A \"$A\"", "/bin/x \"1 2-$A\" 1 2",
	  "as Environment= has it" },
	{ "/bin/x $NONE ${NONE} $$A", "/bin/x \"\" $A", "taken as empty" },
	{ "/bin//x/./y %i %I %% %H", "/bin/x/y i-j i/j % %H",
	  "%H: only the host" },
	{ "/bin/x a\\x41\\x20b\\n\\q", NULL, "control character" },
	{ "/bin/x a\\x41\\x20b \\q \\;", "/bin/x \"aA b\" \"\\\\q\" ;",
	  "kept" },
	{ "/bin/x \\xff", NULL, "no character of ASCII" },
	{ "/bin/x 'a", NULL, "an open quote" },
	{ "x a", "/usr/bin/x a", "taken to be in /usr/bin" },
	{ "/bin/../x", NULL, "not the absolute path of a file" },
	{ "/bin/x/", NULL, "not the absolute path of a file" },
	{ "|echo", NULL, "a line for a shell" },
	{ "/bin/x ; /bin/y", NULL, "more than one command" },
	{ "-", NULL, "not the absolute path of a file" },
};

static void commands_are_what_would_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const char *value = commands[i].value;
		auto_buf struct buf text = { 0 }, section = { 0 },
				    report = { 0 }, want = { 0 };

		buf_text(&text, "[Service]\nExecStart=");
		buf_text(&text, commands[i].line);
		buf_text(&text, "\nEnvironment=\"A=1 2\"\n");
		import(&section, &report, text.at, value ? 0 : -1);
		buf_text(&want, "\nExecStart=");
		buf_text(&want, value ? value : "");
		buf_text(&want, "\n");
		if (value && !strstr(section.at, want.at))
			fail_msg("%s: %s", commands[i].line, section.at);
		if (!strstr(report.at, commands[i].why))
			fail_msg("%s: %s", commands[i].line, report.at);
		if (value)
			read_back(&section, text.at);
	}
}

static void of_several_commands_the_last_is_the_program(void **state)
{
	auto_buf struct buf section = { 0 }, report = { 0 };

	(void)state;
	import(&section, &report,
	       "[Service]\nType=oneshot\nExecStart=-/bin/a ; /bin/b\n"
	       "ExecStart=+/bin/c\nExecStartPre=/bin/d\nExecStopPost=-/bin/e\n",
	       0);
	assert_string_equal(section.at,
			    "[Service]\nExecStartPre=/bin/d\n"
			    "ExecStopPost=-/bin/e\nExecStartPre=-/bin/a\n"
			    "ExecStartPre=/bin/b\nExecStart=/bin/c\n"
			    "Type=simple\n");
	read_back(&section, "several");
}

static void a_template_needs_an_instance(void **state)
{
	struct unit_name plain = unit_name_of("u@.service", NULL);
	struct unit_name named = unit_name_of("u@.service", "\\x2dx-y");
	auto_buf struct buf out = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(unit_expand(&out, SLICE("%i"), &plain, &err), -1);
	assert_string_equal(err.text,
			    "%i: the unit is a template: --instance NAME");
	out.len = 0;
	assert_int_equal(unit_expand(&out, SLICE("%p %i %I %5"), &named, &err),
			 0);
	assert_string_equal(out.at, "u \\x2dx-y -x/y %5");
}

/* "same" is what the section has, and nothing else is. */
static void same_is_a_key_of_ours(void **state)
{
	const struct unit_key *key;

	(void)state;
	for (size_t i = 0; (key = unit_key_at(i)); i++) {
		struct slice name = slice_from(key->name);
		bool is_ours = harden_find(name) >= 0;

		for (size_t k = 0; service_key(k); k++)
			is_ours = is_ours || slice_eq(name, service_key(k));
		/* The one whose name means something else with systemd. */
		if (slice_eq(name, "SystemCallLog"))
			is_ours = false;
		if (is_ours != (key->fate == UNIT_SAME))
			fail_msg("%s", key->name);
		if ((key->fate == UNIT_SAME) == (key->how == UNIT_DROP))
			assert_true(key->fate == UNIT_OURS);
		assert_null(strpbrk(key->text, "|\n"));
		/* No two rows, and none that another one hides. */
		enum unit_section section = key->page == UNIT_UNIT_PAGE
						    ? UNIT_UNIT
						    : UNIT_SERVICE;
		if (!strchr(key->name, '*'))
			assert_ptr_equal(unit_key_find(section, name), key);
	}
}

/* The names that a unit may use for groups are groups of ours. */
static void groups_of_systemd_are_there(void **state)
{
	static const char *const names[] = {
		"@aio",		  "@basic-io",	 "@chown",	    "@clock",
		"@cpu-emulation", "@debug",	 "@file-system",    "@io-event",
		"@ipc",		  "@keyring",	 "@memlock",	    "@module",
		"@mount",	  "@network-io", "@obsolete",	    "@pkey",
		"@privileged",	  "@process",	 "@raw-io",	    "@reboot",
		"@resources",	  "@sandbox",	 "@setuid",	    "@signal",
		"@swap",	  "@sync",	 "@system-service", "@timer",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		auto_buf struct buf text = { 0 }, section = { 0 },
				    report = { 0 };

		assert_non_null(group_find(slice_from(names[i])));
		buf_fmt(&text, "[Service]\n" START "SystemCallFilter=%s\n",
			names[i]);
		import(&section, &report, text.at, 0);
		assert_non_null(strstr(section.at, names[i]));
	}
}

static void a_unit_has_bounds(void **state)
{
	auto_unit struct unit unit = { 0 };
	auto_buf struct buf text = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(unit_read(&unit, "u", SLICE("a\0b"), &err), -1);
	assert_string_equal(err.text, "u: a zero byte in the text");
	for (int i = 0; i < UNIT_ITEMS_MAX; i++)
		buf_text(&text, "a=b\n");
	assert_int_equal(unit_read(&unit, "u", buf_slice(&text), &err), -1);
	assert_string_equal(err.text, "u: more than 4095 lines");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_key),
		cmocka_unit_test(commands_are_what_would_run),
		cmocka_unit_test(of_several_commands_the_last_is_the_program),
		cmocka_unit_test(a_template_needs_an_instance),
		cmocka_unit_test(same_is_a_key_of_ours),
		cmocka_unit_test(groups_of_systemd_are_there),
		cmocka_unit_test(a_unit_has_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
