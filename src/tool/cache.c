#include "tool/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/scope.h"

enum { RESULT_MAX = 8 << 20, RESULTS_MAX = 1000 };

static bool is_trusted(int fd, mode_t type)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type &&
	       st.st_uid == geteuid() && !(st.st_mode & 022);
}

/* The directory for a kind, made where that is wanted; or -1. */
static int open_kind(const char *kind, bool is_made)
{
	const char *base = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	auto_buf struct buf path = { 0 };
	const char *parts[] = { "/.cache", "/pith", "/", kind };
	size_t first = 0;

	/* A relative path there is none: basedir-spec of freedesktop.org. */
	if (base && *base == '/')
		first = 1;
	else
		base = home;
	if (!base || *base != '/')
		return -1;
	buf_text(&path, base);
	if (is_made)
		mkdir(path.at, 0700);
	for (size_t i = first; i < 4; i++) {
		buf_text(&path, parts[i]);
		if (is_made && i != 2)
			mkdir(path.at, 0700);
	}
	auto_fd int fd = open(path.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && is_trusted(fd, S_IFDIR) ? steal_fd(&fd) : -1;
}

bool cache_load(struct buf *out, const char *kind, const char *key)
{
	auto_fd int directory = open_kind(kind, false);
	auto_fd int fd = directory < 0 ? -1
				       : openat(directory, key,
						O_RDONLY | O_NOFOLLOW |
							O_NONBLOCK | O_CLOEXEC);
	char chunk[16384];
	ssize_t n;

	if (fd < 0 || !is_trusted(fd, S_IFREG))
		return false;
	while ((n = io_read(fd, chunk, sizeof(chunk))) > 0 &&
	       out->len <= RESULT_MAX)
		buf_add(out, chunk, (size_t)n);
	return n == 0 && out->len;
}

struct aged {
	char *name;
	struct timespec used;
};

static int by_age(const void *a, const void *b)
{
	const struct timespec *x = &((const struct aged *)a)->used;
	const struct timespec *y = &((const struct aged *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return x->tv_nsec < y->tv_nsec ? -1 : x->tv_nsec > y->tv_nsec;
}

/* All there are with their times; temporary files that were left are some. */
static size_t list(struct aged **out, DIR *directory)
{
	size_t count = 0;
	struct dirent *entry;
	struct stat st;

	*out = NULL;
	while ((entry = readdir(directory))) {
		if (fstatat(dirfd(directory), entry->d_name, &st,
			    AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		*out = mem_grow(*out, count + 1, sizeof(**out));
		(*out)[count++] = (struct aged){
			mem_text(slice_from(entry->d_name)), st.st_mtim
		};
	}
	return count;
}

/* Half of them, so that this is not to be done again the next time. */
static void prune(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *directory = copy < 0 ? NULL : fdopendir(copy);
	auto_free struct aged *all = NULL;

	if (!directory) {
		if (copy >= 0)
			close(copy);
		return;
	}
	size_t count = list(&all, directory);

	if (count > RESULTS_MAX) {
		qsort(all, count, sizeof(*all), by_age);
		for (size_t i = 0; i < count / 2; i++)
			unlinkat(fd, all[i].name, 0);
	}
	for (size_t i = 0; i < count; i++)
		free(all[i].name);
	closedir(directory);
}

void cache_save(const char *kind, const char *key, struct slice text)
{
	auto_fd int directory = open_kind(kind, true);
	char temp[64];

	if (directory < 0)
		return;
	snprintf(temp, sizeof(temp), ".%ld.%.40s", (long)getpid(), key);
	auto_fd int fd = openat(
		directory, temp,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	/* Not synced: a torn result is not believed, and made again. */
	if (io_write(fd, text.at, text.len) < 0 ||
	    renameat(directory, temp, directory, key) < 0)
		unlinkat(directory, temp, 0);
	prune(directory);
}
