/*
 * early [-j JOBS] N INIT ARG...: start INIT N times, JOBS at a time, send it
 * SIGTERM 0 to 1.5 ms later, and print how many times the program under INIT,
 * "victim listen", never got that.
 *
 * When the program says that it is ready, a SIGWINCH follows. It arrives after
 * any SIGTERM that is still on its way: of the signals that wait the lowest is
 * taken first, by init and program alike. So a program that has seen SIGWINCH
 * and no SIGTERM never will. If the SIGTERM kills INIT or the program before
 * all that, nothing was lost. SIGUSR2 ends the program.
 */
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_MAX = 64, ANSWER_MS = 20000 };

/* What the program has printed so far. */
struct text {
	char at[4096];
	size_t used;
	int from;
};

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

/* Read until word comes; false when the output ends before. */
static bool says(struct text *text, const char *word)
{
	struct pollfd fd = { .fd = text->from, .events = POLLIN };

	while (!strstr(text->at, word)) {
		size_t room = sizeof(text->at) - 1 - text->used;

		if (poll(&fd, 1, ANSWER_MS) <= 0) {
			fprintf(stderr, "early: no '%s' in '%s'\n", word,
				text->at);
			exit(1);
		}
		ssize_t n = read(text->from, text->at + text->used, room);

		if (n <= 0)
			return false;
		text->used += (size_t)n;
	}
	return true;
}

static bool is_lost(pid_t init, int out)
{
	struct text text = { .from = out };

	if (!says(&text, "ready"))
		return false; /* it ended: the signal was obeyed */
	kill(init, SIGWINCH);
	says(&text, "signal 28");
	return !strstr(text.at, "signal 15");
}

static bool try(char **argv, int round)
{
	int out, status;
	pid_t pid = start(argv, &out);

	nanosleep(&(struct timespec){ 0, round % 16 * 100000L }, NULL);
	kill(pid, SIGTERM);
	bool lost = is_lost(pid, out);

	kill(pid, SIGUSR2);
	waitpid(pid, &status, 0);
	close(out);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		fprintf(stderr, "early: cannot start %s\n", argv[0]);
		exit(1);
	}
	return lost;
}

/* One job's share of the rounds; writes how many were lost to report. */
static void work(char **argv, int job, int jobs, int rounds, int report)
{
	int lost = 0;

	for (int round = job; round < rounds; round += jobs)
		lost += try(argv, round);
	if (write(report, &lost, sizeof(lost)) != sizeof(lost))
		_exit(1);
	_exit(0);
}

int main(int argc, char **argv)
{
	int jobs = 1, lost = 0;
	int report[2];

	if (argc > 2 && strcmp(argv[1], "-j") == 0) {
		jobs = atoi(argv[2]);
		argv += 2;
		argc -= 2;
	}
	int rounds = argc > 2 ? atoi(argv[1]) : 0;

	if (rounds < 1 || jobs < 1 || jobs > JOBS_MAX || pipe(report) < 0) {
		fprintf(stderr, "usage: early [-j JOBS] N INIT ARG...\n");
		return 2;
	}
	for (int job = 0; job < jobs; job++)
		if (fork() == 0)
			work(argv + 2, job, jobs, rounds, report[1]);
	close(report[1]);
	for (int job = 0; job < jobs; job++) {
		int part;

		if (read(report[0], &part, sizeof(part)) != sizeof(part))
			return 1;
		lost += part;
	}
	while (wait(NULL) > 0)
		continue;
	printf("lost %d of %d\n", lost, rounds);
	return 0;
}
