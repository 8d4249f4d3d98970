#ifndef TOOL_CHOICES_JSON_H
#define TOOL_CHOICES_JSON_H

/*
 * choices_json: the libraries that a program chooses at run time, for people,
 * for locks, and for the cache.
 */
#include <jansson.h>

#include "tool/derivation.h"

/*
 * For each question with an answer: by, what, read (or ""), found[], absent[],
 * inert (a count).
 */
json_t *choices_shown(const struct derivation *derivation);

/* Add notes about answers that are not complete. */
void choices_add_notes(json_t *notes, const struct derivation *derivation);

/* Add what was read beside the libraries: configuration, inert libraries. */
void choices_add_parts(json_t *parts, const struct choices *choices);

/*
 * What an analysis asked and nobody has answered yet, as a text for the cache;
 * empty: nothing. False where that cannot be written down.
 */
bool choices_save_asks(struct buf *out, const struct derivation *derivation);

/* Answer what was saved. Returns 1, 0 for what is no such text, or -1. */
int choices_load_asks(struct derivation *derivation, struct slice text,
		      struct err *err);

#endif
