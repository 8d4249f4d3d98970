#include "kernel/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "kernel/call.h"

static int control(unsigned long request, void *value)
{
	return (int)kernel_call(SYS_ioctl, STDIN_FILENO, request, value);
}

pid_t terminal_foreground(void)
{
	pid_t group;

	return control(TIOCGPGRP, &group) < 0 ? -1 : group;
}

int terminal_set_foreground(pid_t group)
{
	return control(TIOCSPGRP, &group);
}

int terminal_take(void)
{
	return control(TIOCSCTTY, NULL);
}

int terminal_leave(void)
{
	return control(TIOCNOTTY, NULL);
}
