#ifndef TOOL_TRACE_SHOW_H
#define TOOL_TRACE_SHOW_H

/* trace_show: what a trace shows while it runs, and the signals it hears. */
#include <signal.h>

struct tally;

/*
 * One line on standard error that replaces itself, and is gone with NULL; or
 * NULL where standard error is no terminal.
 */
void (*trace_progress(void))(const struct tally *tally);

/*
 * Block the signals that are passed on (*signals), and those by which a
 * terminal's keys stop a job. The mask as it was goes to *before.
 */
void trace_take_signals(sigset_t *signals, sigset_t *before);

#endif
