#ifndef TOOL_REPORT_NAMES_H
#define TOOL_REPORT_NAMES_H

/* report_names: arrays of calls' names, for those who compare them. */
#include <stdbool.h>

#include <jansson.h>

bool names_have(const json_t *names, const char *name);

/*
 * A label's words, as an array, or null where there is no such label, or one of
 * more words than there are calls, with which nothing is to be compared.
 */
json_t *report_label(const json_t *labels, const char *key);

#endif
