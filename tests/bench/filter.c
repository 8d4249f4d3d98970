/*
 * filter CALLS ROUNDS SPEC...: what filters cost. A SPEC is CALL:MODE:FILE:
 * CALL is getppid or personality (which asks, and so has an argument that
 * filters check), or refused (getppid, a hundredth of the times); MODE is none,
 * plain, or heard: answered by this process, as pith-init does where a denial
 * is to speak; FILE is a filter of pith's (NAME.bpf) or bare instructions.
 *
 * In each round each SPEC is a new process that installs its filter and makes
 * CALLS calls, so that a machine whose speed drifts is unfair to none. Prints a
 * line for each: instructions, median ns a call (of processor time, for those that
 * are allowed), median ratio to the first SPEC
 * of the same round, the quarters around it, median us to install.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	SPECS_MAX = 32,
	ROUNDS_MAX = 1000,
	FILE_MAX = 65536,
	AT_COUNT = 16,
	AT_PATH_LEN = 18,
	HEADER_SIZE = 112,
	REFUSED_PART = 100,
};

struct spec {
	const char *call, *mode;
	struct sock_fprog program;
	_Alignas(8) unsigned char file[FILE_MAX];
	double ns[ROUNDS_MAX], ratio[ROUNDS_MAX], install_us[ROUNDS_MAX];
};

/* What a child tells. */
struct report {
	volatile int listener; /* -1: not yet; -2: there is none */
	double ns, install_us;
};

static struct spec specs[SPECS_MAX];
static struct report *report;

static void fail(const char *what)
{
	fprintf(stderr, "filter: %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* Of this thread alone: on a busy machine others run in between. */
static double now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static unsigned int half_at(const unsigned char *at)
{
	return at[0] | (unsigned int)at[1] << 8;
}

/* A denial that is to be heard goes to the listener instead. */
static void make_heard(struct sock_fprog *program)
{
	for (unsigned short i = 0; i < program->len; i++) {
		struct sock_filter *insn = &program->filter[i];

		if (insn->code == (BPF_RET | BPF_K) &&
		    insn->k == (SECCOMP_RET_ERRNO | EPERM))
			insn->k = SECCOMP_RET_USER_NOTIF;
	}
}

static void load(struct spec *spec, const char *path)
{
	size_t len = strlen(path), skip = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, spec->file, FILE_MAX);

	if (got <= 0)
		fail(path);
	close(fd);
	size_t count = (size_t)got / sizeof(struct sock_filter);

	if (len > 4 && strcmp(path + len - 4, ".bpf") == 0) {
		skip = (HEADER_SIZE + half_at(spec->file + AT_PATH_LEN) + 7) &
		       ~7UL;
		count = half_at(spec->file + AT_COUNT);
	}
	spec->program.len = (unsigned short)count;
	spec->program.filter = (void *)(spec->file + skip);
	if (strcmp(spec->mode, "heard") == 0)
		make_heard(&spec->program);
}

static void read_spec(struct spec *spec, char *text)
{
	spec->call = strtok(text, ":");
	spec->mode = strtok(NULL, ":");
	const char *file = strtok(NULL, ":");

	if (!spec->call || !spec->mode)
		fail("expected CALL:MODE:FILE");
	if (strcmp(spec->mode, "none") != 0)
		load(spec, file ? file : "");
}

static int install(struct spec *spec)
{
	unsigned int flags = strcmp(spec->mode, "heard") == 0
				     ? SECCOMP_FILTER_FLAG_NEW_LISTENER
				     : 0;
	double start = now_ns(CLOCK_THREAD_CPUTIME_ID);
	long got = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
			   &spec->program);

	report->install_us = (now_ns(CLOCK_THREAD_CPUTIME_ID) - start) / 1e3;
	if (got < 0)
		fail("seccomp");
	return flags ? (int)got : -2;
}

static void make_calls(const struct spec *spec, long count)
{
	bool is_argument = strcmp(spec->call, "personality") == 0;
	/* Who waits for an answer uses no time of its own. */
	clockid_t clock = strcmp(spec->call, "refused") == 0
				  ? CLOCK_MONOTONIC
				  : CLOCK_THREAD_CPUTIME_ID;
	double start = now_ns(clock);

	if (is_argument)
		for (long i = 0; i < count; i++)
			syscall(SYS_personality, 0xffffffffUL);
	else
		for (long i = 0; i < count; i++)
			syscall(SYS_getppid);
	report->ns = (now_ns(clock) - start) / (double)count;
}

static void run_child(struct spec *spec, long count)
{
	int listener = -2;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		fail("no_new_privs");
	if (spec->program.len)
		listener = install(spec);
	report->listener = listener;
	if (strcmp(spec->call, "refused") == 0)
		count /= REFUSED_PART;
	make_calls(spec, count > 0 ? count : 1);
	_exit(0);
}

/* Refuse what the listener hears, until nobody is left to ask. */
static void answer_all(int listener)
{
	struct pollfd wait = { .fd = listener, .events = POLLIN };

	while (poll(&wait, 1, -1) >= 0 && !(wait.revents & POLLHUP)) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { .error = -EPERM };

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
			continue;
		answer.id = call.id;
		ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
	close(listener);
}

/* The descriptors are shared, so the child's listener is ours. */
static void run(struct spec *spec, int round, long count)
{
	int status;

	*report = (struct report){ .listener = -1 };
	long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);

	if (pid < 0)
		fail("clone");
	if (pid == 0)
		run_child(spec, count);
	while (report->listener == -1 &&
	       waitpid((pid_t)pid, &status, WNOHANG) == 0)
		sched_yield();
	if (report->listener >= 0)
		answer_all(report->listener);
	waitpid((pid_t)pid, &status, 0);
	if (report->ns <= 0)
		exit(1);
	spec->ns[round] = report->ns;
	spec->ratio[round] = report->ns / specs[0].ns[round];
	spec->install_us[round] = report->install_us;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double at(double *values, int count, double part)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return values[(int)(part * (count - 1) + 0.5)];
}

int main(int argc, char **argv)
{
	int count = argc - 3;
	long calls = argc > 3 ? atol(argv[1]) : 0;
	int rounds = argc > 3 ? atoi(argv[2]) : 0;

	if (count < 1 || count > SPECS_MAX || calls < 1 || rounds < 1 ||
	    rounds > ROUNDS_MAX) {
		fprintf(stderr,
			"usage: filter CALLS ROUNDS CALL:MODE:FILE...\n");
		return 2;
	}
	report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < count; i++)
		read_spec(&specs[i], argv[i + 3]);
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++)
			run(&specs[i], round, calls);
	for (int i = 0; i < count; i++) {
		struct spec *s = &specs[i];

		printf("%u %.1f %.3f %.3f %.3f %.1f\n", s->program.len,
		       at(s->ns, rounds, 0.5), at(s->ratio, rounds, 0.5),
		       at(s->ratio, rounds, 0.25), at(s->ratio, rounds, 0.75),
		       at(s->install_us, rounds, 0.5));
	}
	return 0;
}
