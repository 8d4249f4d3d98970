#include "tool/trace_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "seccomp/tally.h"

static size_t kinds_of(const struct tally *tally)
{
	size_t count = tally->other_count;

	for (size_t nr = 0; nr < POLICY_NR_MAX; nr++)
		count += tally->calls[nr].count > 0;
	return count;
}

static void show(const struct tally *tally)
{
	if (tally)
		fprintf(stderr,
			"\r\033[K%" PRIu64 " calls of %zu kinds, %" PRIu64
			" tasks",
			tally->total, kinds_of(tally), tally->tasks);
	else
		fputs("\r\033[K", stderr);
	fflush(stderr);
}

void (*trace_progress(void))(const struct tally *tally)
{
	return isatty(STDERR_FILENO) ? show : NULL;
}

void trace_take_signals(sigset_t *signals, sigset_t *before)
{
	static const int passed[] = { SIGINT,  SIGTERM, SIGHUP,	 SIGQUIT,
				      SIGUSR1, SIGUSR2, SIGWINCH };
	static const int kept[] = { SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU };
	sigset_t blocked;

	/* Whoever ignores children is not told about them. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(signals);
	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		sigaddset(signals, passed[i]);
	blocked = *signals;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		sigaddset(&blocked, kept[i]);
	sigprocmask(SIG_BLOCK, &blocked, before);
}
