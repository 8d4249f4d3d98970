#include "tool/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/cache_dir.h"

enum { RESULT_MAX = 8 << 20, RESULTS_MAX = 1000 };

static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_uid == geteuid() && !(st.st_mode & 022);
}

bool cache_load(struct buf *out, const char *kind, const char *key)
{
	auto_fd int directory = cache_dir_open(kind, false);
	auto_fd int fd = directory < 0 ? -1
				       : openat(directory, key,
						O_RDONLY | O_NOFOLLOW |
							O_NONBLOCK | O_CLOEXEC);
	char chunk[16384];
	ssize_t n;

	if (fd < 0 || !is_ours(fd))
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
		if (!cache_dir_owns(entry->d_name) ||
		    fstatat(dirfd(directory), entry->d_name, &st,
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
	auto_fd int directory = cache_dir_open(kind, true);
	auto_buf struct buf temp = { 0 };

	if (directory < 0)
		return;
	buf_fmt(&temp, "%s.%d.tmp", key, (int)getpid());
	auto_fd int fd = openat(
		directory, temp.at,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	/* Not synced: a torn result is not believed, and made again. */
	if (io_write(fd, text.at, text.len) < 0 ||
	    renameat(directory, temp.at, directory, key) < 0)
		unlinkat(directory, temp.at, 0);
	prune(directory);
}
