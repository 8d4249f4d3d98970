#include "init/who.h"

#include <unistd.h>

#include "base/fmt.h"
#include "base/io.h"
#include "base/slice.h"
#include "kernel/file.h"

enum { STATUS_SIZE = 2048 };

/*
 * A task whose call a filter answers by a kill is marked before it dies
 * (SECCOMP_MODE_DEAD, Linux 5.17), and a zombie has that mark; no other trace
 * of the call is left. Where a thread made it that is not the first one, the
 * mark went with that thread.
 */
static void read_line(struct who *who, struct slice line)
{
	struct slice name;

	slice_cut(&name, &line, '\t');
	if (slice_eq(name, "Name:"))
		fmt(who->name, sizeof(who->name), "%.*s", SLICE_ARGS(line));
	else if (slice_eq(name, "Seccomp:"))
		who->is_killed = slice_eq(line, "3");
}

struct who who_is(uint32_t pid)
{
	char text[STATUS_SIZE];
	struct who who = { 0 };
	struct slice line;

	fmt(text, sizeof(text), "/proc/%u/status", pid);
	int fd = file_open_now(text);

	if (fd < 0)
		return who;
	ssize_t len = io_read(fd, text, sizeof(text));

	close(fd);
	struct slice rest = { text, len > 0 ? (size_t)len : 0 };

	while (slice_cut(&line, &rest, '\n'))
		read_line(&who, line);
	return who;
}
