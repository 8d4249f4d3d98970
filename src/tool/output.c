#include "tool/output.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/io.h"

int output_write(const char *path, struct slice data, struct err *err)
{
	struct io_output out;

	/* Standard output is main's to flush and check. */
	if (!path) {
		fwrite(data.at, 1, data.len, stdout);
		return 0;
	}
	if (io_create(&out, path, err) < 0)
		return -1;
	if (io_write(out.fd, data.at, data.len) < 0) {
		err_set(err, errno, "write %s", path);
		io_discard(&out);
		return -1;
	}
	return io_commit(&out, err);
}
