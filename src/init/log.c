#include "init/log.h"

#include <poll.h>
#include <unistd.h>

#include "base/fmt.h"

enum { LINE_SIZE = 640 };

/* Not passed along: whoever logs need not know what init stands in for. */
static const char *speaker = "pith-init";

void log_as(const char *name)
{
	speaker = name;
}

void log_line(const char *format, ...)
{
	struct pollfd err = { .fd = STDERR_FILENO, .events = POLLOUT };
	char line[LINE_SIZE];
	size_t n = fmt(line, sizeof(line) - 1, "%s: ", speaker);
	va_list args;

	va_start(args, format);
	n += fmt_v(line + n, sizeof(line) - 1 - n, format, args);
	va_end(args);
	/* What the message quotes may hold anything; a line stays one line. */
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 127)
			line[i] = '?';
	line[n++] = '\n';
	/* A pipe that is ready takes PIPE_BUF bytes, and a line is shorter. */
	if (poll(&err, 1, 0) > 0 && write(STDERR_FILENO, line, n) < 0)
		return;
}
