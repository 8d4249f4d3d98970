#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape.h"

enum { INHERITED = 9, PROGRAM_MAX = 1 << 20, PATH_SIZE = 64 };

int program_fd(void)
{
	int fd = open(program_path(), O_RDONLY | O_CLOEXEC);

	return fd < 0 ? INHERITED : fd;
}

long program_write(int fd)
{
	static char data[PROGRAM_MAX];
	int in = (int)need(open(program_path(), O_RDONLY | O_CLOEXEC),
			   "open the program");
	ssize_t len = need(read(in, data, sizeof(data)), "read the program");

	need(write(fd, data, (size_t)len), "write the program");
	need(fchmod(fd, 0755), "chmod the program");
	return close(in);
}

long program_exec(const char *path)
{
	return execve(path, program_args(), environ);
}

/* By a second descriptor: one open for writing is ETXTBSY. */
long program_exec_fd(int fd)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int again = (int)need(open(path, O_RDONLY), "open it for reading");

	close(fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", again);
	return program_exec(path);
}

long end_like(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) < 0)
		return -1;
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

pid_t victim_start(void)
{
	pid_t victim = (pid_t)need(fork(), "fork");

	if (victim == 0)
		for (;;)
			pause();
	return victim;
}

long victim_end(pid_t victim, long result)
{
	int error = errno;

	kill(victim, SIGKILL);
	waitpid(victim, NULL, 0);
	errno = error;
	return result;
}

int scratch_file(void)
{
	char path[] = "/tmp/escape-XXXXXX";
	int fd = (int)need(mkstemp(path), "make a file in /tmp");

	unlink(path);
	return fd;
}
