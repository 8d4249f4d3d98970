#ifndef TOOL_SIZE_H
#define TOOL_SIZE_H

/*
 * size: bytes as people read them.
 */
#include <stdint.h>

enum { SIZE_TEXT_MAX = 32 };

/* Write "812 bytes", "26.1 KB" or "1.9 MB" (powers of 1000); returns text. */
const char *size_text(char text[SIZE_TEXT_MAX], uint64_t bytes);

#endif
