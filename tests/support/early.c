/*
 * early N INIT ARG...: start INIT N times, send it SIGTERM 0 to 1.5 ms later,
 * then SIGUSR2 until it ends, and print how many times the program under INIT
 * never saw the SIGTERM. The program is "victim listen" and must print
 * "signal 15"; if the signal kills INIT or it before that, nothing was lost.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t start(char **argv, int *out)
{
	int ends[2];

	if (pipe(ends) < 0)
		exit(2);
	pid_t pid = fork();

	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	*out = ends[0];
	return pid;
}

/* Whether "signal 15" comes within the time; then end the program. */
static int saw_term(int out, int timeout_ms)
{
	char text[4096] = "";
	size_t used = 0;
	struct pollfd fd = { .fd = out, .events = POLLIN };

	while (used < sizeof(text) - 1 && poll(&fd, 1, timeout_ms) > 0) {
		ssize_t n = read(out, text + used, sizeof(text) - 1 - used);

		if (n <= 0)
			return 1; /* it ended: the signal was obeyed */
		used += (size_t)n;
		if (strstr(text, "signal 15"))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[1]) : 0;
	int lost = 0;

	for (int i = 0; i < rounds; i++) {
		int out, status;
		pid_t pid = start(argv + 2, &out);

		nanosleep(&(struct timespec){ 0, i % 16 * 100000L }, NULL);
		kill(pid, SIGTERM);
		lost += !saw_term(out, 2000);
		kill(pid, SIGUSR2);
		if (waitpid(pid, &status, WNOHANG) == 0) {
			usleep(1000);
			kill(pid, SIGUSR2);
			waitpid(pid, &status, 0);
		}
		close(out);
	}
	printf("lost %d of %d\n", lost, rounds);
	return 0;
}
