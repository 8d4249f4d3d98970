/*
 * probe: acts that a locked-in program must not be able to do, run from
 * inside. "probe ACT..." tries each act in a child of its own and prints one
 * line "ACT: RESULT", where RESULT is "ok", "errno NAME", "killed SIGNAL" or
 * "exec" (another program was started). The same binary outside a sandbox
 * shows that the acts work: a test that only sees refusals proves nothing.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "acts.h"

static const char *errno_name(int num)
{
	static const struct {
		int num;
		const char *name;
	} names[] = {
		{ EPERM, "EPERM" },   { EACCES, "EACCES" },
		{ ENOSYS, "ENOSYS" }, { ENOENT, "ENOENT" },
		{ EINVAL, "EINVAL" }, { EFAULT, "EFAULT" },
		{ ENOTTY, "ENOTTY" }, { EIO, "EIO" },
		{ EBADF, "EBADF" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].num == num)
			return names[i].name;
	return "other";
}

static const char *signal_name(int sig)
{
	return sig == SIGSYS ? "SIGSYS" : sig == SIGSEGV ? "SIGSEGV" : "other";
}

static void try_act(size_t i)
{
	int status;

	fflush(stdout);
	pid_t child = fork();

	if (child == 0) {
		if (acts[i].run() >= 0)
			_exit(0);
		_exit(128 + (errno & 127));
	}
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		printf("%s: cannot try: %s\n", acts[i].name, strerror(errno));
		return;
	}
	printf("%s: ", acts[i].name);
	if (WIFSIGNALED(status))
		printf("killed %s\n", signal_name(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == ACT_RAN)
		printf("exec\n");
	else if (WEXITSTATUS(status) >= 128)
		printf("errno %s\n", errno_name(WEXITSTATUS(status) - 128));
	else
		printf("ok\n");
}

static int print_status(void)
{
	static const char *const wanted[] = {
		"Uid:", "Gid:", "Groups:", "Cap", "NoNewPrivs:", "Seccomp:"
	};
	char line[256];
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
				fputs(line, stdout);
	return file ? fclose(file) : 1;
}

static int try_named(const char *name)
{
	for (size_t i = 0; i < act_count; i++) {
		if (strcmp(name, acts[i].name) != 0)
			continue;
		try_act(i);
		return 0;
	}
	fprintf(stderr, "probe: %s: no such act\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	/* The seccomp death of the probe itself must show, not dump. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	acts_of(argv[0]);
	if (argc > 1 && strcmp(argv[1], "ran") == 0)
		return ACT_RAN;
	if (argc > 1 && strcmp(argv[1], "status") == 0)
		return print_status();
	if (argc > 1 && strcmp(argv[1], "exit") == 0)
		return (int)strtol(argc > 2 ? argv[2] : "0", NULL, 10);
	if (argc > 1 && strcmp(argv[1], "echo") == 0)
		return puts(argc > 2 ? argv[2] : "") < 0;
	for (int i = 1; i < argc; i++)
		if (try_named(argv[i]) != 0)
			return 2;
	for (size_t i = 0; argc < 2 && i < act_count; i++)
		try_act(i);
	return 0;
}
