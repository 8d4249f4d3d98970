#include "init/load.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"

int load_open(bool *found, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	*found = fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
	if (fd < 0 && *found)
		return err_set(err, errno, "%s", path);
	return fd;
}

ssize_t load_read(char *buf, size_t cap, int fd, const char *path,
		  struct err *err)
{
	ssize_t len = io_read(fd, buf, cap);
	int failure = errno;

	close(fd);
	if (len < 0)
		return err_set(err, failure, "%s", path);
	if ((size_t)len == cap)
		return err_set(err, 0, "%s: over-long: more than %zu bytes",
			       path, cap - 1);
	return len;
}
