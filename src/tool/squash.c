#include "tool/squash.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/slice.h"

enum { EXIT_NOT_FOUND = 127, REPORT_MAX = 256 };

/* Becomes mksquashfs, or ends. */
static void run(const char *output, int from, int report)
{
	/* What begins with a dash is a file's name, and no option. */
	auto_buf struct buf path = { 0 };

	/* Times would be the builder's; xattrs are the image's own. */
	buf_fmt(&path, "%s%s", *output == '-' ? "./" : "", output);
	const char *const argv[] = { "mksquashfs",   "-",	   path.at,
				     "-tar",	     "-noappend",  "-quiet",
				     "-no-progress", "-mkfs-time", "0",
				     "-all-time",    "0",	   NULL };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	signal(SIGPIPE, SIG_DFL);
	unsetenv("SOURCE_DATE_EPOCH"); /* it refuses to have both */
	if (null >= 0 && dup2(from, STDIN_FILENO) >= 0 &&
	    dup2(null, STDOUT_FILENO) >= 0 && dup2(report, STDERR_FILENO) >= 0)
		execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(EXIT_NOT_FOUND);
}

int squash_start(struct squash *out, const char *path, struct err *err)
{
	int ends[2];

	*out = (struct squash){ .fd = -1, .report = io_scratch(err) };
	if (out->report < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		close(out->report);
		return err_set(err, errno, "a pipe");
	}
	out->pid = fork();
	if (out->pid == 0)
		run(path, ends[0], out->report);
	close(ends[0]);
	out->fd = ends[1];
	if (out->pid > 0)
		return 0;
	err_set(err, errno, "fork");
	close(out->fd);
	close(out->report);
	return -1;
}

/* The first line that it wrote, or "". */
static void read_report(char line[REPORT_MAX], int report)
{
	ssize_t n = io_read_at(report, line, REPORT_MAX - 1, 0);

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

static int judge(int status, int report, struct err *err)
{
	char line[REPORT_MAX];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND)
		return err_set(err, 0,
			       "mksquashfs: not found; install the package "
			       "squashfs-tools");
	read_report(line, report);
	if (WIFSIGNALED(status))
		return err_set(err, 0, "mksquashfs: killed by signal %d",
			       WTERMSIG(status));
	return err_set(err, 0, "mksquashfs: %s",
		       *line ? line : "failed without a word");
}

int squash_finish(struct squash *squash, int result, struct err *err)
{
	struct err own;
	int status = 0;

	/* Of half a stream it would make half a file system. */
	if (result < 0)
		kill(squash->pid, err->num == EPIPE ? 0 : SIGKILL);
	close(squash->fd);
	while (waitpid(squash->pid, &status, 0) < 0 && errno == EINTR)
		;
	/* A broken pipe is what its end looks like from here. */
	if ((result == 0 || err->num == EPIPE) &&
	    judge(status, squash->report, &own) < 0) {
		*err = own;
		result = -1;
	}
	close(squash->report);
	return result;
}
