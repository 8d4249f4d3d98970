#include "init/pause.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

#include "init/signals.h"

void pause_run(void)
{
	siginfo_t info;
	int sig;

	do {
		/* At any signal: a SIGCHLD may have merged with another. */
		sig = signals_wait(&info, UINT64_MAX);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
	} while (sig != SIGTERM && sig != SIGINT);
}
