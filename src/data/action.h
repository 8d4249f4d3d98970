#ifndef DATA_ACTION_H
#define DATA_ACTION_H

/*
 * action: what a call gets, in the words of policies: allow, log, kill,
 * kill-thread, trap, the name of an error, or its number.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct buf;

enum { ACTION_ERRNO_MAX = 4095 };

/* Returns false, and leaves *action alone, for what is no action. */
bool action_parse(uint32_t *action, struct slice word);

/* An error's number, by name or in digits; 0 is none. */
bool action_errno(uint32_t *number, struct slice word);

void action_print(struct buf *out, uint32_t action);

#endif
