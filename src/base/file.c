/* The host-only half of io: it allocates, which PID 1 never does. */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"

enum { LOAD_STEP = 64 * 1024, FD_NAME_SIZE = 32 };

/* Read fd to its end; grows, since a pipe and /proc have no size. */
int io_load_fd(char **data, size_t *len, int fd, size_t hint, size_t max,
	       struct err *err)
{
	size_t cap = hint < max ? hint + 2 : max + 2;
	size_t used = 0;
	auto_free char *buf = NULL;

	for (;;) {
		char *grown = realloc(buf, cap);

		if (!grown)
			return err_set(err, ENOMEM, "read");
		buf = grown;
		ssize_t n = io_read(fd, buf + used, cap - 1 - used);

		if (n < 0)
			return err_set(err, errno, "read");
		used += (size_t)n;
		if (used > max)
			return err_set(err, 0, "larger than %zu bytes", max);
		if (used < cap - 1)
			break;
		cap = cap + LOAD_STEP < max + 2 ? cap + LOAD_STEP : max + 2;
	}
	buf[used] = '\0';
	*len = used;
	*data = steal_ptr(&buf);
	return 0;
}

int io_load(char **data, size_t *len, const char *path, size_t max,
	    struct err *err)
{
	struct stat st;

	if (strcmp(path, "-") == 0) {
		if (io_load_fd(data, len, STDIN_FILENO, LOAD_STEP, max, err) <
		    0)
			return err_wrap(err, "standard input");
		return 0;
	}
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s", path);
	if (S_ISDIR(st.st_mode))
		return err_set(err, EISDIR, "%s", path);
	if (io_load_fd(data, len, fd, (size_t)st.st_size, max, err) < 0)
		return err_wrap(err, "%s", path);
	return 0;
}

int io_scratch(struct err *err)
{
	const char *parent = getenv("TMPDIR");
	auto_free char *path = NULL;

	if (!parent || *parent != '/')
		parent = "/tmp";
	/* Never with a name, where the file system can do that. */
	int fd = open(parent, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	if (asprintf(&path, "%s/pith-XXXXXX", parent) < 0)
		return err_set(err, ENOMEM, "%s", parent);
	fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "a scratch file in %s", parent);
	unlink(path);
	return fd;
}

char *io_real_path(const char *path)
{
	char *real = realpath(path, NULL);

	return !real && errno == ENOENT && access(path, F_OK) == 0
		       ? strdup(path)
		       : real;
}

/* A link to what is open as one of the three, such as /dev/stdout. */
static bool leads_to_standard(const char *path, const struct stat *st)
{
	struct stat link, open;

	/* A file without a name is written where it is, and no link suffers. */
	if (!st->st_nlink || lstat(path, &link) < 0 || !S_ISLNK(link.st_mode))
		return false;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstat(fd, &open) == 0 && open.st_dev == st->st_dev &&
		    open.st_ino == st->st_ino)
			return true;
	return false;
}

int io_check(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return 0;
	if (!S_ISREG(st.st_mode))
		return err_set(err, 0, "%s: exists and is no regular file",
			       path);
	/* The file would stay empty, and the system's link be gone. */
	if (leads_to_standard(path, &st))
		return err_set(err, 0,
			       "%s: leads to a standard stream; name the file",
			       path);
	return 0;
}

/* Checks that there may be a file of that name, and notes the name. */
static int begin(struct io_output *out, const char *path, struct err *err)
{
	*out = (struct io_output){ .fd = -1 };
	if (io_check(path, err) < 0)
		return -1;
	out->path = strdup(path);
	return out->path ? 0 : err_set(err, ENOMEM, "%s", path);
}

int io_create_named(struct io_output *out, const char *path, struct err *err)
{
	mode_t mask = umask(0);

	umask(mask);
	if (begin(out, path, err) < 0)
		return -1;
	if (asprintf(&out->temp, "%s.XXXXXX.tmp", path) < 0) {
		out->temp = NULL;
		io_discard(out);
		return err_set(err, ENOMEM, "%s", path);
	}
	out->fd = mkostemps(out->temp, 4, O_CLOEXEC);
	if (out->fd < 0 || fchmod(out->fd, 0666 & ~mask) < 0) {
		err_set(err, errno, "create %s", path);
		io_discard(out);
		return -1;
	}
	return 0;
}

void io_hasten(int fd)
{
	/* A hint: what does not take it, such as a pipe, has no fsync. */
	sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* What linkat(2) knows a file without a name by. */
static void name_fd(char *out, size_t size, int fd)
{
	snprintf(out, size, "/proc/self/fd/%d", fd);
}

/* In the directory of path; -1 where the file system, or /proc, is without. */
static int open_nameless(const char *path)
{
	const char *slash = strrchr(path, '/');
	auto_free char *parent = NULL;
	char name[FD_NAME_SIZE];

	if (asprintf(&parent, "%.*s.", slash ? (int)(slash - path) + 1 : 0,
		     path) < 0) {
		parent = NULL;
		return -1;
	}
	int fd = open(parent, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);

	if (fd < 0)
		return -1;
	name_fd(name, sizeof(name), fd);
	if (access(name, F_OK) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool has_no_name(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && !st.st_nlink;
}

int io_create(struct io_output *out, const char *path, struct err *err)
{
	if (begin(out, path, err) < 0)
		return -1;
	out->stays_nameless = has_no_name(path);
	out->fd = out->stays_nameless ? open(path, O_RDWR | O_TRUNC | O_CLOEXEC)
				      : open_nameless(path);
	if (out->fd >= 0)
		return 0;
	io_discard(out);
	return io_create_named(out, path, err);
}

/*
 * The name, if nobody has it; otherwise one to rename from, since a link
 * replaces nothing.
 */
static int link_output(struct io_output *out)
{
	char from[FD_NAME_SIZE];
	unsigned int number;

	name_fd(from, sizeof(from), out->fd);
	if (linkat(AT_FDCWD, from, AT_FDCWD, out->path, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	while (errno == EEXIST) {
		free(out->temp);
		out->temp = NULL;
		if (getrandom(&number, sizeof(number), 0) < 0 ||
		    asprintf(&out->temp, "%s.%06x.tmp", out->path,
			     number & 0xffffff) < 0) {
			out->temp = NULL;
			return -1;
		}
		if (linkat(AT_FDCWD, from, AT_FDCWD, out->temp,
			   AT_SYMLINK_FOLLOW) == 0)
			return 0;
	}
	/* Not ours to remove. */
	free(out->temp);
	out->temp = NULL;
	return -1;
}

int io_commit(struct io_output *out, struct err *err)
{
	int result = 0;

	if (out->stays_nameless) {
		io_discard(out);
		return 0;
	}
	/*
	 * Data before name: a crash must not leave an empty new file. What
	 * close could report, this does.
	 */
	if (fsync(out->fd) < 0 && errno != EINVAL)
		result = err_set(err, errno, "write %s", out->path);
	if (result == 0 && !out->temp && link_output(out) < 0)
		result = err_set(err, errno, "create %s", out->path);
	if (result == 0 && out->temp && rename(out->temp, out->path) < 0)
		result = err_set(err, errno, "rename to %s", out->path);
	if (result == 0) {
		free(out->temp);
		out->temp = NULL;
	}
	io_discard(out);
	return result;
}

void io_discard(struct io_output *out)
{
	if (out->fd >= 0)
		close(out->fd);
	if (out->temp)
		unlink(out->temp);
	free(out->temp);
	free(out->path);
	*out = (struct io_output){ .fd = -1 };
}
