#include "seccomp/caller.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/maps.h"

enum {
	PATH_SIZE = 64, /* of what is below /proc */
	NAME_SIZE = 64, /* of a thread, which has at most 15 bytes */
	MAPS_MAX = 8 * 1024 * 1024, /* 64 Ki mappings, the kernel's limit */
};

static struct slice last_name(struct slice path)
{
	struct slice name = path;

	while (slice_cut(&name, &path, '/'))
		;
	return name;
}

/* The thread's name, which is its program's where it gave itself no other. */
static void add_name(struct buf *out, pid_t tid)
{
	char path[PATH_SIZE];
	char name[NAME_SIZE];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)tid);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : io_read(fd, name, sizeof(name));

	/* All but the newline at its end. */
	if (len > 1)
		buf_add(out, name, (size_t)len - 1);
	else
		buf_text(out, "?");
}

void caller_text(struct buf *out, pid_t tid, uint64_t address)
{
	auto_free char *text = NULL;
	struct maps_place place;
	struct err ignored;
	char file[PATH_SIZE];
	size_t len;

	add_name(out, tid);
	snprintf(file, sizeof(file), "/proc/%d/maps", (int)tid);
	if (io_load(&text, &len, file, MAPS_MAX, &ignored) < 0 ||
	    !maps_find(&place, (struct slice){ text, len }, address)) {
		buf_text(out, ": ?");
		return;
	}
	struct slice module = last_name(place.path);

	/* Code in memory that no file backs: made at run time. */
	if (!module.len)
		module = SLICE("[anonymous]");
	buf_text(out, ": ");
	buf_add(out, module.at, module.len);
	buf_fmt(out, "+0x%llx", (unsigned long long)place.offset);
}
