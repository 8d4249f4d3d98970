#ifndef TOOL_PRINT_H
#define TOOL_PRINT_H

/*
 * print: text from archives. It may try to talk to the terminal, so control
 * characters are shown as '?'.
 */
#include <jansson.h>
#include <stdio.h>

#include "base/slice.h"

void print_text(FILE *to, struct slice text);

/* As JSON, whatever the bytes are: null for NULL, '?' for what is no UTF-8. */
json_t *print_json_text(const char *text);

#endif
