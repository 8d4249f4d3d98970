#include "tool/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/extract.h"
#include "image/flat.h"
#include "image/initramfs.h"
#include "tool/output.h"
#include "tool/print.h"
#include "tool/squash.h"
#include "tool/subject.h"
#include "tool/unpack.h"

/* Keep what was written, or remove it. */
static int end_output(struct io_output *out, int result, struct err *err)
{
	if (result == 0)
		return io_commit(out, err);
	io_discard(out);
	return -1;
}

static void print_lost(const char *path, const char *xattr)
{
	fputs("pith: export: --initramfs: /", stderr);
	print_text(stderr, slice_from(path));
	fputs(": lost its ", stderr);
	print_text(stderr, slice_from(xattr));
	fputs(", which cpio has no place for\n", stderr);
}

int export_initramfs(const char *path, const struct subject *subject,
		     struct tree *tree, struct err *err)
{
	struct io_output out;

	if (io_create(&out, path, err) < 0)
		return -1;
	const struct initramfs_to to = { out.fd, print_lost };

	return end_output(&out,
			  initramfs_write(&to, &subject->reader,
					  &subject->image, tree, err),
			  err);
}

static int put_fd(void *to, const void *data, size_t len, struct err *err)
{
	const int *fd = to;

	return io_write(*fd, data, len) < 0 ? err_set(err, errno, "write") : 0;
}

int export_tar(const char *path, const struct subject *subject,
	       struct tree *tree, struct err *err)
{
	struct io_output out;

	if (io_create(&out, path, err) < 0)
		return -1;
	const struct flat_out to = { &out.fd, put_fd };

	return end_output(
		&out,
		flat_write(&to, &subject->reader, &subject->image, tree, err),
		err);
}

int export_squashfs(const char *path, const struct subject *subject,
		    struct tree *tree, struct err *err)
{
	struct io_output out;
	struct squash squash;

	if (io_create_named(&out, path, err) < 0)
		return -1;
	int result = squash_start(&squash, out.temp, err);

	if (result == 0) {
		const struct flat_out to = { &squash.fd, put_fd };

		result = flat_write(&to, &subject->reader, &subject->image,
				    tree, err);
		result = squash_finish(&squash, result, err);
	}
	return end_output(&out, result, err);
}

/* The directory that path is to be in, and its last part. */
static int open_parent(const char *path, const char **name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	auto_buf struct buf parent = { 0 };

	*name = slash ? slash + 1 : path;
	buf_text(&parent, slash ? "" : ".");
	if (slash)
		buf_add(&parent, path, (size_t)(slash - path) + 1);
	int fd = open(parent.at, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "%s", parent.at);
	return fd;
}

/* Into a directory of another name, which takes its own when complete. */
static int fill_directory(int parent, const char *temp, const char *name,
			  const struct subject *subject, struct err *err)
{
	auto_fd int root = openat(parent, temp,
				  O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return err_set(err, errno, "%s", temp);
	if (unpack_layers(root, &subject->reader, &subject->image, err) < 0)
		return -1;
	if (renameat2(parent, temp, parent, name, RENAME_NOREPLACE) < 0)
		return err_set(err, errno, "%s", name);
	return 0;
}

int export_check_directory(const char *path, struct err *err)
{
	struct stat st;

	if (!*path || path[strlen(path) - 1] == '/' || lstat(path, &st) == 0)
		return err_set(err, 0, "%s: there already", path);
	return output_check_parent(path, err);
}

int export_directory(const char *path, const struct subject *subject,
		     struct tree *tree, struct err *err)
{
	const char *name;
	auto_buf struct buf temp = { 0 };
	auto_fd int parent = open_parent(path, &name, err);
	struct err ignored;

	(void)tree;
	if (parent < 0)
		return -1;
	buf_fmt(&temp, ".%s.%d", name, getpid());
	if (mkdirat(parent, temp.at, 0755) < 0)
		return err_set(err, errno, "%s", path);
	if (fill_directory(parent, temp.at, name, subject, err) == 0)
		return 0;
	extract_remove(parent, temp.at, &ignored);
	return -1;
}
