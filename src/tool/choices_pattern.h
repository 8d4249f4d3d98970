#ifndef TOOL_CHOICES_PATTERN_H
#define TOOL_CHOICES_PATTERN_H

/*
 * choices_pattern: libraries of whose names a part is made at run time. For
 * choices.c alone.
 */
#include "tool/choices_try.h"

/* Whatever the loader finds that is called so. 0 or -1. */
int choices_see_pattern(const struct choices_work *work);

#endif
