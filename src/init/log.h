#ifndef INIT_LOG_H
#define INIT_LOG_H

/*
 * log: one line on standard error, by one write(2), as text ("pith-init: ...")
 * or as a JSON object. Logging must not stop PID 1: a line that would have to
 * wait is dropped and counted, and the next one that does not says how many.
 */
#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,  /* the main process: its start and its end */
	LOG_DEBUG, /* every signal and every death */
};

/* False for a line that was dropped. */
__attribute__((format(printf, 2, 3))) bool log_line(enum log_level level,
						    const char *format, ...);

/* What JSON says apart from the message: where its text is, from a place on. */
struct log_key {
	char name[7]; /* empty behind the last */
	bool is_number;
	uint16_t at;
};

/* As log_line, of a text, and with keys of what lies at values. */
bool log_text(enum log_level level, const char *text,
	      const struct log_key *keys, const void *values);

/* Begin the lines with another name, which must last. */
void log_as(const char *name);

/* Which lines are written, and how. At first: errors alone, as text. */
void log_shape(enum log_level most, bool is_json);

#endif
