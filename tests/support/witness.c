/*
 * witness: a program that says where init has put it. "witness VERB [ARG]":
 *
 *	pair		two processes of one group print every signal that
 *			arrives, the second after "other"; the first ends with
 *			0 at SIGUSR2, and the second with it
 *	place		whether it leads its group and its session
 *	terminal	whether its group is the foreground of its terminal
 *	answer		"got LINE" for each line of standard input
 *	death SECONDS	print the parent death signal, and last that long
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int report_signals(const char *who, const uint64_t *all)
{
	for (;;) {
		long sig = syscall(SYS_rt_sigtimedwait, all, NULL, NULL,
				   sizeof(*all));

		if (sig < 0)
			continue;
		printf("%ssignal %ld\n", who, sig);
		fflush(stdout);
		if (sig == SIGUSR2)
			return 0;
	}
}

static int do_pair(void)
{
	uint64_t all = UINT64_MAX;

	/* Raw: libc keeps signals 32 to 34 for itself. */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return report_signals("other ", &all);
	}
	printf("ready\n");
	fflush(stdout);
	return report_signals("", &all);
}

static int do_place(void)
{
	printf("group %d session %d\n", getpgrp() == getpid(),
	       getsid(0) == getpid());
	return 0;
}

static int do_terminal(void)
{
	pid_t foreground = tcgetpgrp(STDIN_FILENO);

	if (foreground < 0)
		puts("no terminal");
	else
		printf("foreground %d\n", foreground == getpgrp());
	return 0;
}

static int do_answer(void)
{
	char line[256];

	while (fgets(line, sizeof(line), stdin)) {
		printf("got %s", line);
		fflush(stdout);
	}
	return 0;
}

static int do_death(const char *seconds)
{
	int sig = 0;

	prctl(PR_GET_PDEATHSIG, &sig);
	printf("death signal %d\n", sig);
	fflush(stdout);
	sleep((unsigned int)atoi(seconds));
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (strcmp(verb, "pair") == 0)
		return do_pair();
	if (strcmp(verb, "place") == 0)
		return do_place();
	if (strcmp(verb, "terminal") == 0)
		return do_terminal();
	if (strcmp(verb, "answer") == 0)
		return do_answer();
	if (strcmp(verb, "death") == 0)
		return do_death(argc > 2 ? argv[2] : "0");
	fprintf(stderr, "witness: %s: no such verb\n", verb);
	return 2;
}
