#include "image/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"

enum { GLOB_MAX = 4096 };

int root_open(struct root *out, const char *path, struct err *err)
{
	*out = (struct root){ .fd = -1 };
	out->path = realpath(path, NULL);
	if (out->path)
		out->fd = open(out->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (out->fd >= 0)
		return 0;
	err_set(err, errno, "%s", path);
	root_close(out);
	return -1;
}

void root_close(struct root *root)
{
	scope_close(&root->fd);
	free(root->path);
	*root = (struct root){ .fd = -1 };
}

int root_copy(struct root *out, const struct root *root, struct err *err)
{
	*out = (struct root){ .fd = fcntl(root->fd, F_DUPFD_CLOEXEC, 3) };
	if (out->fd < 0)
		return err_set(err, errno, "%s", root->path);
	out->path = mem_text(slice_from(root->path));
	return 0;
}

bool root_is_host(const struct root *root)
{
	return strcmp(root->path, "/") == 0;
}

const char *root_inside(const struct root *root, const char *file)
{
	size_t len = root_is_host(root) ? 0 : strlen(root->path);

	if (strncmp(file, root->path, len) != 0 || file[len] != '/')
		return NULL;
	return file + len;
}

int root_at(const struct root *root, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, root->fd, path, &how, sizeof(how));

	/* Old kernels lack it, and there is nothing to be kept inside of. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM) && root_is_host(root))
		fd = openat(root->fd, path, (int)flags | O_CLOEXEC);
	return fd;
}

int root_look(struct stat *st, const struct root *root, const char *path)
{
	auto_fd int fd = root_at(root, path, O_PATH | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, st) < 0)
		return -1;
	return steal_fd(&fd);
}

int root_load(char **data, size_t *len, const struct root *root,
	      const char *path, size_t max, struct err *err)
{
	/* Not to hang on a pipe. */
	auto_fd int fd = root_at(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	const char *above = root_is_host(root) ? "" : root->path;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, errno, "%s%s", above, path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, 0, "%s%s: no regular file", above, path);
	if (io_load_fd(data, len, fd, (size_t)st.st_size, max, err) < 0)
		return err_wrap(err, "%s%s", above, path);
	return 0;
}

int root_name(struct buf *out, int fd, struct err *err)
{
	char link[64], path[PATH_MAX];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof(path));

	if (n < 0)
		return err_set(err, errno, "%s", link);
	buf_add(out, path, (size_t)n);
	return 0;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A pattern half done: what is fixed already, and what is still to match. */
static void match(struct root_paths *out, const struct root *root,
		  const char *fixed, const char *rest);

/* With the component name put in, which leaves rest. */
static void descend(struct root_paths *out, const struct root *root,
		    const char *fixed, struct slice name, const char *rest)
{
	auto_buf struct buf path = { 0 };

	buf_text(&path, fixed);
	buf_text(&path, "/");
	buf_add(&path, name.at, name.len);
	match(out, root, path.at, rest);
}

static void match_names(struct root_paths *out, const struct root *root,
			const char *fixed, const char *pattern,
			const char *rest)
{
	int fd = root_at(root, *fixed ? fixed : "/", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;

	if (!dir) {
		scope_close(&fd);
		return;
	}
	while ((item = readdir(dir)))
		if (strcmp(item->d_name, ".") != 0 &&
		    strcmp(item->d_name, "..") != 0 &&
		    fnmatch(pattern, item->d_name, FNM_PERIOD) == 0)
			descend(out, root, fixed, slice_from(item->d_name),
				rest);
	closedir(dir);
}

static void match(struct root_paths *out, const struct root *root,
		  const char *fixed, const char *rest)
{
	struct slice left, name = { "", 0 };
	struct stat st;

	if (out->paths.count == GLOB_MAX)
		return;
	rest += strspn(rest, "/");
	if (!*rest) {
		auto_fd int fd = root_look(&st, root, *fixed ? fixed : "/");

		if (fd >= 0)
			LIST_ADD(&out->paths, mem_text(slice_from(fixed)));
		return;
	}
	left = slice_from(rest);
	slice_cut(&name, &left, '/');
	auto_free char *pattern = mem_text(name);

	if (strpbrk(pattern, "*?["))
		match_names(out, root, fixed, pattern, rest + name.len);
	else
		descend(out, root, fixed, name, rest + name.len);
}

void root_glob(struct root_paths *out, const struct root *root,
	       const char *pattern)
{
	*out = (struct root_paths){ 0 };
	match(out, root, "", pattern);
	if (out->paths.count)
		qsort(out->paths.at, out->paths.count, sizeof(*out->paths.at),
		      compare_texts);
}

void root_free_paths(struct root_paths *paths)
{
	for (size_t i = 0; i < paths->paths.count; i++)
		free(paths->paths.at[i]);
	free(paths->paths.at);
	*paths = (struct root_paths){ 0 };
}
