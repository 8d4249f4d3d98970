/*
 * send SIGNAL PID: kill(2) by number, for signals that have no name.
 * send flood PID: real-time signals, as fast as they are taken, for ever.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int flood(pid_t pid)
{
	/* A full queue refuses; init has to make room. */
	for (;;)
		for (int sig = 34; sig <= 64; sig++)
			if (syscall(SYS_kill, pid, sig) < 0 && errno == ESRCH)
				return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "flood") == 0)
		return flood(atoi(argv[2]));
	if (argc == 3 && syscall(SYS_kill, atoi(argv[2]), atoi(argv[1])) == 0)
		return 0;
	perror("send");
	return 1;
}
