/*
 * start ROUNDS COMMAND...: how long whole commands take. Each COMMAND is one
 * argument of words, "ROOT|WORDS" is run in a chroot. All are run in turn,
 * ROUNDS times, so that a machine whose speed drifts is unfair to none; output
 * is thrown away. Prints a line for each: median microseconds, median ratio to
 * the first of the same round, peak memory in KiB, exit code.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS_MAX = 16, WORDS_MAX = 64, ROUNDS_MAX = 10000 };

struct command {
	const char *root; /* or NULL */
	char *words[WORDS_MAX];
	double us[ROUNDS_MAX];
	double ratio[ROUNDS_MAX];
	long peak_kib;
	int code;
};

static struct command commands[COMMANDS_MAX];

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return values[count / 2];
}

static void read_command(struct command *command, char *text)
{
	char *bar = strchr(text, '|');
	int n = 0;

	if (bar) {
		*bar = '\0';
		command->root = text;
		text = bar + 1;
	}
	for (char *word = strtok(text, " "); word && n < WORDS_MAX - 1;
	     word = strtok(NULL, " "))
		command->words[n++] = word;
}

static void run_once(struct command *command, int round, int null)
{
	struct rusage usage;
	int status;
	double before = now_us();
	/* As whoever starts containers does; this process is small. */
	pid_t pid = fork();

	if (pid == 0) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (command->root &&
		    (chroot(command->root) < 0 || chdir("/") < 0))
			_exit(126);
		execvp(command->words[0], command->words);
		_exit(127);
	}
	wait4(pid, &status, 0, &usage);
	command->us[round] = now_us() - before;
	if (usage.ru_maxrss > command->peak_kib)
		command->peak_kib = usage.ru_maxrss;
	command->code = WIFEXITED(status) ? WEXITSTATUS(status)
					  : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
	int count = argc - 2;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (rounds < 1 || rounds > ROUNDS_MAX || count > COMMANDS_MAX) {
		fprintf(stderr, "usage: start ROUNDS COMMAND...\n");
		return 2;
	}
	for (int i = 0; i < count; i++)
		read_command(&commands[i], argv[2 + i]);
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++)
			run_once(&commands[i], round, null);
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++)
			commands[i].ratio[round] = commands[i].us[round] /
						   commands[0].us[round];
	for (int i = 0; i < count; i++)
		printf("%.1f %.2f %ld %d\n", median(commands[i].us, rounds),
		       median(commands[i].ratio, rounds), commands[i].peak_kib,
		       commands[i].code);
	return 0;
}
