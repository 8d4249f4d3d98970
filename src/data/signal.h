#ifndef DATA_SIGNAL_H
#define DATA_SIGNAL_H

/* signal: names and numbers, as people write them. */
#include "base/slice.h"

/*
 * "SIGTERM", "TERM" or "15"; real-time signals by number, 1 to 64.
 * Returns the number, or -1.
 */
int signal_number(struct slice text);

#endif
