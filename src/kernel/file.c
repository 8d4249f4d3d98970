#include "kernel/file.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <unistd.h>

#include "kernel/call.h"

static int open_as(const char *path, int flags)
{
	return (int)kernel_call(SYS_openat, AT_FDCWD, path,
				flags | O_RDONLY | O_CLOEXEC | O_NOCTTY |
					O_LARGEFILE);
}

int file_open(const char *path)
{
	return open_as(path, 0);
}

int file_open_now(const char *path)
{
	return open_as(path, O_NONBLOCK);
}

int file_identify(struct file_id *out, int fd, const char *path)
{
	struct statx st;

	if (kernel_call(SYS_statx, fd, path, AT_EMPTY_PATH, STATX_BASIC_STATS,
			&st) < 0)
		return -1;
	*out = (struct file_id){
		.dev_major = st.stx_dev_major,
		.dev_minor = st.stx_dev_minor,
		.ino = st.stx_ino,
		.size = st.stx_size,
	};
	return 0;
}
