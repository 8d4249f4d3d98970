#ifndef HELLO_CLOCK_H
#define HELLO_CLOCK_H

/*
 * clock: the time, and the two ways in which protocols write it.
 */
#include <stdint.h>

struct text;

/* Nanoseconds and milliseconds of a clock that never steps back. */
int64_t clock_ns(void);
int64_t clock_ms(void);

/* Now, in UTC: 2026-07-31T09:08:07.123Z (RFC 3339). 24 bytes. */
void clock_put_rfc3339(struct text *text);

/* Now: Fri, 31 Jul 2026 09:08:07 GMT (RFC 9110, IMF-fixdate). 29 bytes. */
void clock_put_http(struct text *text);

#endif
