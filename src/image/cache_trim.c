#include "image/cache_trim.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/list.h"
#include "base/scope.h"
#include "image/cache_dir.h"

enum { ABANDONED_S = 3600 };

struct file {
	char *name;
	uint64_t size;
	struct timespec used;
};

struct files {
	LIST(struct file) list;
	uint64_t size;
};

static int compare_files(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	if (x->used.tv_sec != y->used.tv_sec)
		return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
	return (x->used.tv_nsec > y->used.tv_nsec) -
	       (x->used.tv_nsec < y->used.tv_nsec);
}

static bool is_temporary(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strcmp(dot, ".tmp") == 0;
}

static void add_file(struct files *files, int dir, const char *name)
{
	struct stat st;

	if (!cache_dir_owns(name) ||
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return;
	if (is_temporary(name)) {
		if (st.st_mtim.tv_sec + ABANDONED_S < time(NULL))
			unlinkat(dir, name, 0);
		return;
	}
	files->size += (uint64_t)st.st_size;
	LIST_ADD(&files->list,
		 (struct file){ mem_text(slice_from(name)),
				(uint64_t)st.st_size, st.st_mtim });
}

static void read_files(struct files *files, int dir)
{
	int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = own < 0 ? NULL : fdopendir(own);
	struct dirent *item;

	if (!stream) {
		scope_close(&own);
		return;
	}
	while ((item = readdir(stream)))
		add_file(files, dir, item->d_name);
	closedir(stream);
}

void cache_trim(int dir, uint64_t max)
{
	struct files files = { 0 };

	read_files(&files, dir);
	if (files.size > max)
		qsort(files.list.at, files.list.count, sizeof(*files.list.at),
		      compare_files);
	for (size_t i = 0, over = files.size > max; i < files.list.count; i++) {
		const struct file *file = &files.list.at[i];

		/* Another build may have been faster. */
		if (over && files.size > max - max / 4) {
			unlinkat(dir, file->name, 0);
			files.size -= file->size;
		}
		free(file->name);
	}
	free(files.list.at);
}
