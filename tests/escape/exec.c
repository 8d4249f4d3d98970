/*
 * Programs that were not there before: written by the attempt and started from
 * a file, from memory, by an interpreter, or with another user's rights.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "escape.h"
#include "tools.h"

enum { PATH_SIZE = 300, SOMEBODY = 65532 };

static long from_file(const struct attempt *a)
{
	int fd = (int)need(open(a->path, O_RDWR | O_CREAT | O_TRUNC, 0755),
			   "create a file");

	program_write(fd);
	close(fd);
	return program_exec(a->path);
}

static long from_unnamed(const struct attempt *a)
{
	int fd = (int)need(open("/tmp", O_RDWR | O_TMPFILE, 0755),
			   "create an unnamed file");

	(void)a;
	program_write(fd);
	return program_exec_fd(fd);
}

static long from_memfd(const struct attempt *a)
{
	int fd = (int)need(syscall(SYS_memfd_create, a->name, 0),
			   "memfd_create");

	program_write(fd);
	return syscall(SYS_execveat, fd, "", program_args(), environ,
		       AT_EMPTY_PATH);
}

/* The kernel starts the interpreter, with the script as what it reads. */
static long from_script(const struct attempt *a)
{
	char line[PATH_SIZE];
	char *args[] = { program_args()[2], NULL };
	int fd = (int)need(open(a->path, O_RDWR | O_CREAT | O_TRUNC, 0755),
			   "create a file");
	/* The kernel adds the script's path: a bare name, for --ran to say. */
	int len = snprintf(line, sizeof(line), "#!%s --ran\n", program_path());

	need(write(fd, line, (size_t)len), "write a script");
	close(fd);
	need(chdir("/tmp"), "chdir /tmp");
	return execve(a->name, args, environ);
}

static long from_setuid_helper(const struct attempt *a)
{
	char path[PATH_SIZE];
	char first[] = SETUID_NAME;
	char **args = program_args();

	(void)a;
	args[0] = first;
	snprintf(path, sizeof(path), "%s.suid", program_path());
	if (geteuid() == 0)
		need(setresuid(SOMEBODY, SOMEBODY, SOMEBODY), "setresuid");
	return execve(path, args, environ);
}

static const struct attempt attempts[] = {
	{ .name = "exec-tmp-file",
	  .run = from_file,
	  .path = "/tmp/escape-written" },
	{ .name = "exec-shm-file",
	  .run = from_file,
	  .path = "/dev/shm/escape-written" },
	{ .name = "exec-unnamed-file", .run = from_unnamed },
	{ .name = "execveat-memfd", .run = from_memfd },
	{ .name = "exec-script",
	  .run = from_script,
	  .path = "/tmp/exec-script" },
	{ .name = "exec-setuid-helper", .run = from_setuid_helper },
};

const struct theme exec_theme = THEME("exec", attempts);
