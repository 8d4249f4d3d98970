#ifndef INIT_LOG_H
#define INIT_LOG_H

/*
 * log: one line on standard error, "pith-init: ...", by one write(2).
 * A line that cannot be written is lost: logging must not stop PID 1.
 */
__attribute__((format(printf, 1, 2))) void log_line(const char *format, ...);

/* Begin the lines with another name, which must last. */
void log_as(const char *name);

#endif
