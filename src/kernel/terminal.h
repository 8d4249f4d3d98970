#ifndef KERNEL_TERMINAL_H
#define KERNEL_TERMINAL_H

/* terminal: the controlling terminal, by standard input. */
#include <sys/types.h>

/* The group in the foreground, or -1 with errno set where there is none. */
pid_t terminal_foreground(void);

/* Put a group there. SIGTTOU must be blocked or ignored (tcsetpgrp(3)). */
int terminal_set_foreground(pid_t group);

/* Make it the calling session leader's, if no session has it. */
int terminal_take(void);

/* Let go of it: for a session's leader this raises SIGHUP and SIGCONT. */
int terminal_leave(void);

#endif
