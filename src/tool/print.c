#include "tool/print.h"

#include <stdio.h>

void print_text(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		putchar(c < ' ' || c == 127 ? '?' : c);
	}
}
