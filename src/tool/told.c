#include "tool/told.h"

#include <stddef.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void taken_set(sigset_t *taken)
{
	static const int signals[] = { SIGCHLD, SIGINT,	 SIGTERM, SIGHUP,
				       SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };

	sigemptyset(taken);
	for (size_t i = 0; i < COUNT(signals); i++)
		sigaddset(taken, signals[i]);
}

void told_take(sigset_t *before)
{
	sigset_t taken;

	taken_set(&taken);
	/* Inherited as ignored it would never come. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &taken, before);
}

int told_to_end(void)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < COUNT(ends); i++)
		if (sigismember(&pending, ends[i]))
			return ends[i];
	return 0;
}

int told_wait(int ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000L };
	sigset_t taken;

	taken_set(&taken);
	int sig = ms < 0 ? sigwaitinfo(&taken, NULL)
			 : sigtimedwait(&taken, NULL, &time);

	return sig > 0 ? sig : 0;
}
