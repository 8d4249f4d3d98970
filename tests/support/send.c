/* send SIGNAL PID: kill(2) by number, for signals that have no name. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc == 3 && syscall(SYS_kill, atoi(argv[2]), atoi(argv[1])) == 0)
		return 0;
	perror("send");
	return 1;
}
