/*
 * victim: an ordinary program for PID 1 to look after. "victim VERB [ARG]":
 *
 *	exit N		exit with N
 *	raise N		die of signal N
 *	status		signal masks, ids, umask, directory and limits
 *	env		the environment
 *	readfd NAME	the number that the variable NAME holds, and what that
 *			descriptor reads
 *	args		one argument a line
 *	listen		print every signal that arrives, with its value; ends
 *			with 0 at SIGUSR2
 *	deaf		ignore SIGTERM, for ever
 *	late MS		have no handler for so long, then end with 42 at SIGTERM
 *	orphans N	leave N orphans, wait until all are gone, and print
 *			how many zombies are left
 *	family MODE	start a worker that needs 300 ms after SIGTERM and then
 *			prints "worker done"; the parent ends at SIGTERM, or
 *			at once where MODE is "short"
 *	spawn COMMAND	run it, wait for that child alone, and exit as it did
 *	traced N	ask the parent to trace it, raise a signal, exit with N
 *	stop		stop itself once, and exit 0 when continued
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int do_exit(const char *arg)
{
	return atoi(arg);
}

static int do_raise(const char *arg)
{
	int sig = atoi(arg);
	uint64_t none = 0;
	/* musl refuses to name 32 to 34; the kernel does not. */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
	syscall(SYS_kill, getpid(), sig);
	return 0;
}

static int do_status(const char *arg)
{
	char line[256];
	struct rlimit limit;
	mode_t mask = umask(0);
	FILE *file = fopen("/proc/self/status", "re");

	(void)arg;
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, "Sig", 3) == 0 ||
		    strncmp(line, "Uid", 3) == 0 ||
		    strncmp(line, "Gid", 3) == 0 ||
		    strncmp(line, "Groups", 6) == 0)
			fputs(line, stdout);
	if (file)
		fclose(file);
	printf("umask %04o\n", (unsigned int)mask);
	printf("cwd %s\n", getcwd(line, sizeof(line)) ? line : "?");
	getrlimit(RLIMIT_NOFILE, &limit);
	printf("nofile %llu %llu\n", (unsigned long long)limit.rlim_cur,
	       (unsigned long long)limit.rlim_max);
	printf("leader %d\n", getpgrp() == getpid());
	return 0;
}

static int do_env(const char *arg)
{
	(void)arg;
	for (char **e = environ; *e; e++)
		puts(*e);
	return 0;
}

static int do_readfd(const char *arg)
{
	const char *number = getenv(arg);
	char content[4096];

	if (!number)
		return 1;
	ssize_t n = read(atoi(number), content, sizeof(content));

	if (n < 0)
		return errno;
	printf("%s: %.*s", number, (int)n, content);
	return 0;
}

static int do_listen(const char *arg)
{
	uint64_t all = UINT64_MAX;
	siginfo_t info;

	(void)arg;
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		long sig = syscall(SYS_rt_sigtimedwait, &all, &info, NULL,
				   sizeof(all));

		if (sig < 0)
			continue;
		printf("signal %ld value %d\n", sig,
		       info.si_code == SI_QUEUE ? info.si_value.sival_int : -1);
		fflush(stdout);
		if (sig == SIGUSR2)
			return 0;
	}
}

static int do_deaf(const char *arg)
{
	(void)arg;
	signal(SIGTERM, SIG_IGN);
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
	return 0;
}

static void make_orphan(void)
{
	pid_t middle = fork();

	if (middle == 0) {
		if (fork() == 0)
			usleep(20000);
		_exit(0);
	}
	waitpid(middle, NULL, 0);
}

/* Count the processes of this PID namespace by their state. */
static void count(int *living, int *zombies)
{
	char path[64], line[256];

	*living = *zombies = 0;
	for (int pid = 1; pid < 4000; pid++) {
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		FILE *file = fopen(path, "re");

		if (!file)
			continue;
		if (fgets(line, sizeof(line), file)) {
			const char *after = strrchr(line, ')');

			(*living)++;
			*zombies += after && after[2] == 'Z';
		}
		fclose(file);
	}
}

static int do_orphans(const char *arg)
{
	int living = 0, zombies = 0;

	for (int n = atoi(arg); n > 0; n--)
		make_orphan();
	/* init, this, and nothing else; ten seconds at the most */
	for (int i = 0; i < 100; i++) {
		usleep(100000);
		count(&living, &zombies);
		if (living <= 2)
			break;
	}
	printf("living %d zombies %d\n", living, zombies);
	return 0;
}

static volatile sig_atomic_t told;

static void on_term(int sig)
{
	told = sig;
}

/* Wait for SIGTERM; the mask keeps it from slipping in before the wait. */
static void until_told(const sigset_t *before)
{
	while (!told)
		sigsuspend(before);
}

static int do_family(const char *arg)
{
	struct sigaction action = { .sa_handler = on_term };
	sigset_t term, before;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	sigaction(SIGTERM, &action, NULL);
	if (fork() == 0) {
		until_told(&before);
		usleep(300000);
		printf("worker done\n");
		return 0;
	}
	printf("ready\n");
	fflush(stdout);
	if (strcmp(arg, "short") == 0) {
		usleep(50000);
		return 3;
	}
	until_told(&before);
	return 0;
}

static int do_late(const char *arg)
{
	struct sigaction action = { .sa_handler = on_term };
	sigset_t term, before;

	printf("ready\n");
	fflush(stdout);
	usleep((useconds_t)atoi(arg) * 1000);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	sigaction(SIGTERM, &action, NULL);
	until_told(&before);
	return 42;
}

static int do_traced(const char *arg)
{
	signal(SIGUSR1, SIG_IGN);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGUSR1);
	return atoi(arg);
}

static int spawn(char **argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int do_stop(const char *arg)
{
	(void)arg;
	raise(SIGSTOP);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(const char *arg);
} verbs[] = {
	{ "exit", do_exit },	 { "raise", do_raise },
	{ "status", do_status }, { "env", do_env },
	{ "readfd", do_readfd }, { "listen", do_listen },
	{ "deaf", do_deaf },	 { "orphans", do_orphans },
	{ "stop", do_stop },	 { "family", do_family },
	{ "traced", do_traced }, { "late", do_late },
};

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (strcmp(verb, "args") == 0) {
		for (int i = 2; i < argc; i++)
			puts(argv[i]);
		return 0;
	}
	if (strcmp(verb, "spawn") == 0 && argc > 2)
		return spawn(argv + 2);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verb, verbs[i].name) == 0)
			return verbs[i].run(argc > 2 ? argv[2] : "0");
	fprintf(stderr, "victim: %s: no such verb\n", verb);
	return 2;
}
