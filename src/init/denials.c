#include "init/denials.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/fmt.h"
#include "base/io.h"
#include "init/log.h"
#include "kernel/clock.h"
#include "kernel/file.h"
#include "kernel/listener.h"

enum {
	TOLD_MAX = 10, /* lines a second: who floods the log is cut short */
	WINDOW_MS = 1000,
	ROW_SIZE = 48,
	TEXT_SIZE = 320,
	STRING_MAX = 128,
	CHUNK = 512,
};

/*
 * Row nr of /etc/pith/calls, which the builder made of its table of calls for
 * this machine: a name, a blank and a letter for each argument, or nothing.
 * Read anew each time: a denial is rare, and memory is kept for ever.
 */
static void read_row(char row[ROW_SIZE], int nr)
{
	char chunk[CHUNK];
	size_t len = 0;
	ssize_t n;
	int fd = file_open("/etc/pith/calls");

	while (fd >= 0 && nr >= 0 && (n = read(fd, chunk, CHUNK)) > 0) {
		for (ssize_t i = 0; i < n && nr >= 0; i++) {
			if (chunk[i] == '\n')
				nr--;
			else if (nr == 0 && len < ROW_SIZE - 1)
				row[len++] = chunk[i];
		}
	}
	if (fd >= 0)
		close(fd);
	row[len] = '\0';
}

static void read_name(char *name, size_t cap, uint32_t pid)
{
	char path[32];
	ssize_t len;

	fmt(path, sizeof(path), "/proc/%u/comm", pid);
	int fd = file_open(path);

	name[0] = '\0';
	if (fd < 0)
		return;
	len = io_read(fd, name, cap);
	close(fd);
	/* It ends with a newline, and is cut to 15 bytes. */
	name[len > 0 ? len - 1 : 0] = '\0';
}

/* An argument as its letter says: d signed, s a string's address, x any other. */
static size_t add_argument(char *out, size_t cap,
			   const struct listener_call *call, int i, char letter)
{
	char text[STRING_MAX + 1] = "";
	uint64_t value = call->args[i];

	if (letter == 'd')
		return fmt(out, cap, "%d", (int)value);
	if (letter == 's' &&
	    listener_peek(text, STRING_MAX, (pid_t)call->pid, value) > 0)
		return fmt(out, cap, "\"%s\"", text);
	return fmt(out, cap, "0x%llx", (unsigned long long)value);
}

/* NAME(ARGUMENT, ...). Cuts row behind the name. */
static void describe(char *out, char *row, const struct listener_call *call)
{
	char *letter = strchr(row, ' ');
	size_t n;

	if (letter)
		*letter++ = '\0';
	else
		letter = row + strlen(row);
	n = fmt(out, TEXT_SIZE, "%s(", row);
	for (int i = 0; *letter && i < 6; i++, letter++) {
		if (i)
			n += fmt(out + n, TEXT_SIZE - n, ", ");
		n += add_argument(out + n, TEXT_SIZE - n, call, i, *letter);
	}
	fmt(out + n, TEXT_SIZE - n, ")");
}

void denials_end(struct denials *denials)
{
	if (denials->hidden)
		log_line(LOG_WARNING, "%u more denials suppressed",
			 denials->hidden);
	denials->hidden = 0;
}

/* Whether this second has room for another line. */
static bool may_tell(struct denials *denials)
{
	uint64_t now = clock_ms();

	if (now - denials->window >= WINDOW_MS) {
		denials->window = now;
		denials->told = 0;
		denials_end(denials);
	}
	if (denials->told++ < TOLD_MAX)
		return true;
	denials->hidden++;
	return false;
}

void denials_take(struct denials *denials, int listener)
{
	struct listener_call call;
	char row[ROW_SIZE], text[TEXT_SIZE], name[17];

	if (listener_receive(listener, &call) < 0)
		return;
	bool is_told = may_tell(denials);

	if (is_told) {
		read_row(row, call.nr);
		if (!*row)
			fmt(row, ROW_SIZE, "%d xxxxxx", call.nr);
		read_name(name, sizeof(name), call.pid);
		describe(text, row, &call);
		is_told = listener_is_valid(listener, &call);
	}
	listener_refuse(listener, &call, EPERM);
	if (is_told)
		log_line(LOG_WARNING,
			 "denied %s by %s[%u] -> EPERM; allow: "
			 "SystemCallFilter=%s; why: pith profile explain %s "
			 "PROGRAM",
			 text, name, call.pid, row, row);
}
