#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/service.h"

/* Each canonical: read and printed, it is itself. */
static const char *const canonical[] = {
	"",
	"ExecStart=/app/x\n",
	"ExecStart=/app/x \"\" \"a b\" \"\\\"\" \"\\\\\" \"it's\" \"t\tb\"\n",
	"ExecStart=/app/x # ; = [y] %a $B\n",
	"ExecStart=/app/x \"ends\\\\\"\n",
	"User=0\nGroup=5\nSupplementaryGroups=1 2 4294967294\n",
	"User=nobody\nGroup=tty\nSupplementaryGroups=staff 7\n",
	"WorkingDirectory=/a b/\"c\"\n",
	"UMask=00\n",
	"UMask=0777\n",
	"Environment=A= B=1 \"C=x y\"\n",
	"EnvironmentFile=/a -/b \"/c d\"\n",
	"Secret=A:/a B:-/b\nSecretFD=_C3:/c\n",
	"TimeoutStopSec=infinity\n",
	"ForwardDelaySec=500ms\nKillSignal=10\nKillMode=mixed\n"
	"SendSIGHUP=yes\nFinalKillSignal=6\n",
	"KillMode=process\n",
	"RewriteSignal=1:10 2:ignore\nSuccessExitStatus=0 7 143\n",
	"TimeoutStopSec=1500ms\n",
	"Type=notify\nTimeoutStartSec=infinity\nWatchdogSec=30000ms\n"
	"Restart=on-abnormal\nRestartSec=0ms\nStartLimitIntervalSec=1000ms\n"
	"StartLimitBurst=0\n",
	"ExecStartPre=/a b \"c d\"\nExecStartPre=-/e\nExecStopPost=/f\n",
	"LogLevel=debug\nLogFormat=json\nSystemCallLog=none\nOverride=User TimeoutStopSec Override\n",
	"SystemCallFilter=@default io_uring_setup\n",
	"AllowExec=yes\nAnyProgram=yes\n",
	"NoNewPrivileges=yes\n",
	"NoNewPrivileges=no\n",
	"CapabilityBoundingSet=\nAmbientCapabilities=\nSecureBits=\n",
	"CapabilityBoundingSet=CAP_CHOWN CAP_CHECKPOINT_RESTORE\n"
	"AmbientCapabilities=CAP_CHOWN\n"
	"SecureBits=noroot noroot-locked keep-caps-locked\n",
	"CapabilityBoundingSet=~CAP_SYS_ADMIN CAP_BPF\n",
	"CapabilityBoundingSet=~\n",
	"Nice=-20\nOOMScoreAdjust=-1000\n",
	"Nice=0\nOOMScoreAdjust=1000\n",
	"LandlockRead=/etc -/data \"/a b\"\nLandlockWrite=none\n"
	"LandlockExec=none /bin\nLandlockBind=0 80 65535\n"
	"LandlockConnect=none\nLandlockScope=abstract-unix-socket signal\n",
	"BestEffort=CapabilityBoundingSet Nice LandlockRead LandlockScope\n",
	"LimitCPU=1:2\nLimitAS=1073741824\nLimitNOFILE=0\n",
	"LimitNOFILE=100:infinity\nLimitCORE=infinity\n",
};

static void print_again(struct buf *out, const char *source)
{
	static char text[SERVICE_TEXT_MAX + 1];
	struct service service;
	struct err err;

	strcpy(text, source);
	if (service_parse(&service, text, strlen(text), &err) < 0)
		fail_msg("%s: %s", source, err.text);
	out->len = 0;
	service_print(out, &service);
}

static void canonical_text_comes_back_as_it_was(void **state)
{
	auto_buf struct buf out = { 0 };
	auto_buf struct buf source = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(canonical) / sizeof(canonical[0]); i++) {
		source.len = 0;
		buf_text(&source, "[Service]\n");
		/* Limits are printed in the table's order, not in this one. */
		buf_text(&source, canonical[i]);
		print_again(&out, source.at);
		auto_buf struct buf again = { 0 };

		print_again(&again, out.at);
		assert_string_equal(again.at, out.at);
		assert_int_equal(out.len, source.len);
	}
}

static void other_spellings_become_canonical(void **state)
{
	auto_buf struct buf out = { 0 };

	(void)state;
	print_again(&out, "[Service]\nAllowExec=on\nUser=1:2\n"
			  "TimeoutStopSec=8\nUMask=27\nLimitAS=1G\n"
			  "Environment=A=1\nEnvironment='B=2 3'\n"
			  "AnyProgram=no\nExecStart='/app/x' a\\ b\n"
			  "NoNewPrivileges=true\nNice=-0\n"
			  "CapabilityBoundingSet=CAP_KILL\n"
			  "CapabilityBoundingSet=CAP_CHOWN CAP_KILL\n"
			  "CapabilityBoundingSet=~CAP_KILL\n"
			  "LandlockBind=80\nLandlockBind=none\n"
			  "LandlockConnect=5\nLandlockConnect=\n");
	assert_string_equal(out.at, "[Service]\nExecStart=/app/x \"a b\"\n"
				    "User=1\nGroup=2\nUMask=027\n"
				    "Environment=A=1 \"B=2 3\"\n"
				    "AllowExec=yes\nLimitAS=1073741824\n"
				    "NoNewPrivileges=yes\n"
				    "CapabilityBoundingSet=CAP_CHOWN\nNice=0\n"
				    "LandlockBind=none\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(canonical_text_comes_back_as_it_was),
		cmocka_unit_test(other_spellings_become_canonical),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
