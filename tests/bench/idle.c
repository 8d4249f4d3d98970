/*
 * idle [-r ROOT] SECONDS COPIES COMMAND...: what an init costs while nothing
 * happens. Runs COPIES of COMMAND, which must have an init run "nothing hold",
 * and lets them be for SECONDS. Prints the medians of the private dirty memory
 * and of the resident memory of the inits, in KiB, and how often the one that
 * woke most did in that time.
 *
 * Copies, since the kernel puts each stack at another place in its page.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COPIES_MAX = 101, SETTLE_US = 300000 };

struct copy {
	pid_t pid;
	long dirty_kib;
	long rss_kib;
	long woken;
};

static struct copy copies[COPIES_MAX];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* The number behind the first "KEY:" in a file of /proc/PID. */
static long read_number(pid_t pid, const char *file, const char *key)
{
	char path[64], line[256];
	size_t len = strlen(key);
	long number = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	FILE *in = fopen(path, "re");

	while (in && number < 0 && fgets(line, sizeof(line), in))
		if (strncmp(line, key, len) == 0 && line[len] == ':')
			number = strtol(line + len + 1, NULL, 10);
	if (number < 0)
		die(path);
	fclose(in);
	return number;
}

static pid_t start(const char *root, char **argv, int input, int output)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    (root && (chroot(root) < 0 || chdir("/") < 0)))
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

/* Each program says that it runs by one byte. */
static void start_all(const char *root, char **argv, int count, int input)
{
	int said[2];
	char byte;

	if (pipe2(said, O_CLOEXEC) < 0)
		die("pipe");
	for (int i = 0; i < count; i++)
		copies[i].pid = start(root, argv, input, said[1]);
	close(said[1]);
	for (int i = 0; i < count; i++)
		if (read(said[0], &byte, 1) != 1)
			die(argv[0]);
	close(said[0]);
	/* The init may still have to do what it does after the start. */
	usleep(SETTLE_US);
}

static void measure(int count, unsigned int seconds)
{
	static const char switches[] = "voluntary_ctxt_switches";

	/* Before anything else, since to look does not wake them. */
	for (int i = 0; i < count; i++)
		copies[i].woken = -read_number(copies[i].pid, "status",
					       switches);
	sleep(seconds);
	for (int i = 0; i < count; i++) {
		struct copy *copy = &copies[i];

		copy->woken += read_number(copy->pid, "status", switches);
		copy->dirty_kib = read_number(copy->pid, "smaps_rollup",
					      "Private_Dirty");
		copy->rss_kib = read_number(copy->pid, "smaps_rollup", "Rss");
	}
}

static int by_dirty(const void *a, const void *b)
{
	const struct copy *x = a, *y = b;

	return (x->dirty_kib > y->dirty_kib) - (x->dirty_kib < y->dirty_kib);
}

static int by_rss(const void *a, const void *b)
{
	const struct copy *x = a, *y = b;

	return (x->rss_kib > y->rss_kib) - (x->rss_kib < y->rss_kib);
}

static void report(int count)
{
	long woken = 0;

	for (int i = 0; i < count; i++)
		if (copies[i].woken > woken)
			woken = copies[i].woken;
	qsort(copies, (size_t)count, sizeof(*copies), by_dirty);
	long dirty_kib = copies[count / 2].dirty_kib;

	qsort(copies, (size_t)count, sizeof(*copies), by_rss);
	printf("%ld %ld %ld\n", dirty_kib, copies[count / 2].rss_kib, woken);
}

int main(int argc, char **argv)
{
	const char *root = NULL;
	int hold[2];

	if (argc > 2 && strcmp(argv[1], "-r") == 0) {
		root = argv[2];
		argv += 2;
		argc -= 2;
	}
	int seconds = argc > 3 ? atoi(argv[1]) : 0;
	int count = argc > 3 ? atoi(argv[2]) : 0;

	if (seconds < 1 || count < 1 || count > COPIES_MAX) {
		fprintf(stderr, "usage: idle [-r ROOT] SECONDS COPIES "
				"COMMAND...\n");
		return 2;
	}
	if (pipe2(hold, O_CLOEXEC) < 0)
		die("pipe");
	start_all(root, argv + 3, count, hold[0]);
	measure(count, (unsigned int)seconds);
	/* The end of their input: programs and inits end of themselves. */
	close(hold[1]);
	for (int i = 0; i < count; i++)
		waitpid(copies[i].pid, NULL, 0);
	report(count);
	return 0;
}
