#include "tool/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
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

int output_check_parent(const char *output, struct err *err)
{
	const char *slash = strrchr(output, '/');
	auto_buf struct buf parent = { 0 };

	buf_text(&parent, slash ? "" : ".");
	if (slash)
		buf_add(&parent, output, (size_t)(slash - output) + 1);
	if (access(parent.at, W_OK | X_OK) < 0)
		return err_set(err, errno, "create %s", output);
	return 0;
}

int output_check(const char *output, const char *input, struct err *err)
{
	struct stat out, in;

	if (!output)
		return 0;
	if (stat(output, &out) < 0)
		return output_check_parent(output, err);
	if (io_check(output, err) < 0)
		return -1;
	if (input && strcmp(input, "-") != 0 && stat(input, &in) == 0 &&
	    out.st_ino == in.st_ino && out.st_dev == in.st_dev)
		return err_set(err, 0, "%s: is both output and input", output);
	return output_check_parent(output, err);
}
