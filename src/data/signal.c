#include "data/signal.h"

#include <signal.h>

#include "base/num.h"

/* By number where all of pith's machines agree on it, which is everywhere. */
static const char names[][7] = {
	[SIGHUP] = "HUP",     [SIGINT] = "INT",	      [SIGQUIT] = "QUIT",
	[SIGILL] = "ILL",     [SIGTRAP] = "TRAP",     [SIGABRT] = "ABRT",
	[SIGBUS] = "BUS",     [SIGFPE] = "FPE",	      [SIGKILL] = "KILL",
	[SIGUSR1] = "USR1",   [SIGSEGV] = "SEGV",     [SIGUSR2] = "USR2",
	[SIGPIPE] = "PIPE",   [SIGALRM] = "ALRM",     [SIGTERM] = "TERM",
	[16] = "STKFLT",      [SIGCHLD] = "CHLD",     [SIGCONT] = "CONT",
	[SIGSTOP] = "STOP",   [SIGTSTP] = "TSTP",     [SIGTTIN] = "TTIN",
	[SIGTTOU] = "TTOU",   [SIGURG] = "URG",	      [SIGXCPU] = "XCPU",
	[SIGXFSZ] = "XFSZ",   [SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF",
	[SIGWINCH] = "WINCH", [SIGIO] = "IO",	      [SIGPWR] = "PWR",
	[SIGSYS] = "SYS",
};

enum { NAMES = sizeof(names) / sizeof(names[0]), LAST = 64 };

int signal_number(struct slice text)
{
	uint32_t number;

	if (num_u32(&number, text))
		return number >= 1 && number <= LAST ? (int)number : -1;
	if (slice_has_prefix(text, "SIG"))
		text = (struct slice){ text.at + 3, text.len - 3 };
	for (int i = 1; text.len && i < NAMES; i++)
		if (slice_eq(text, names[i]))
			return i;
	return -1;
}
