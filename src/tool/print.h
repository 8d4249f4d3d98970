#ifndef TOOL_PRINT_H
#define TOOL_PRINT_H

/*
 * print: text from archives on standard output. It may try to talk to the
 * terminal, so control characters are shown as '?'.
 */
#include "base/slice.h"

void print_text(struct slice text);

#endif
