/* terminal: a terminal of one's own, to push input into. */
#ifndef ESCAPE_TERMINAL_H
#define ESCAPE_TERMINAL_H

/*
 * A pseudo terminal that is this process's controlling terminal: the
 * descriptor of its user's side. Where there is none to be had, 0: standard
 * input, on which the call shows whether it is let through (ENOTTY).
 */
int terminal_own(void);

#endif
