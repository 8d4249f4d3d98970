/*
 * What ioctl can do to a terminal: type into it, paste into the console,
 * change what interprets its input.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "escape.h"

enum { N_HDLC_DISCIPLINE = 13, TIOCL_SHIFT_STATE = 6 };

int terminal_own(void)
{
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);

	if (fd < 0 || unlockpt(fd) < 0)
		return STDIN_FILENO;
	int user = open(ptsname(fd) ? ptsname(fd) : "/dev/tty",
			O_RDWR | O_NOCTTY);

	if (user < 0)
		return STDIN_FILENO;
	setsid();
	ioctl(user, TIOCSCTTY, 0);
	return user;
}

static long push(const struct attempt *a)
{
	return ioctl(terminal_own(), (int)a->args[0], "x");
}

static long push_stdin(const struct attempt *a)
{
	return ioctl(STDIN_FILENO, (int)a->args[0], "x");
}

static long console(const struct attempt *a)
{
	char shift_state = TIOCL_SHIFT_STATE;
	int fd = open("/dev/tty0", O_RDWR | O_NOCTTY);

	(void)a;
	return ioctl(fd < 0 ? STDIN_FILENO : fd, TIOCLINUX, &shift_state);
}

static long discipline(const struct attempt *a)
{
	int number = (int)a->args[0];

	return ioctl(terminal_own(), TIOCSETD, &number);
}

/* Of no terminal, so that nobody loses one. */
static long hang_up(const struct attempt *a)
{
	(void)a;
	setsid();
	return syscall(SYS_vhangup);
}

static const struct attempt attempts[] = {
	{ .name = "tiocsti", .run = push, .args = { TIOCSTI } },
	{ .name = "tiocsti-stdin",
	  .run = push_stdin,
	  .args = { TIOCSTI },
	  .past = ENOTTY },
	{ .name = "tioclinux", .run = console, .past = ENOTTY },
	{ .name = "tiocsetd-hdlc",
	  .run = discipline,
	  .args = { N_HDLC_DISCIPLINE },
	  .past = EINVAL },
	{ .name = "vhangup", .run = hang_up },
};

const struct theme terminal_theme = THEME("terminal", attempts);
