#include "init/load.h"

#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "base/errtext.h"
#include "base/io.h"
#include "kernel/file.h"

int load_open(const char *path)
{
	return file_open(path);
}

ssize_t load_read(char *buf, size_t cap, int fd, struct err *err)
{
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return LOAD_NONE;
	if (fd < 0)
		return err_set(err, 0, "%s", errtext(errno));
	ssize_t len = io_read(fd, buf, cap);
	int failure = errno;

	close(fd);
	if (len < 0)
		return err_set(err, 0, "%s", errtext(failure));
	if ((size_t)len == cap)
		return err_set(err, 0, "over-long: more than %zu bytes",
			       cap - 1);
	return len;
}
