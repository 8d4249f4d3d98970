#ifndef DATA_DIGITS_H
#define DATA_DIGITS_H

/* digits: the small numbers inside of a text that ends with a zero byte. */
#include <stdint.h>

enum { DIGITS_MAX = 65535 };

struct digits {
	const char *after;
	uint32_t value; /* above DIGITS_MAX: not a number as described */
};

/*
 * Take the number at the front; base is 10 or 16. It has a digit, is at most
 * DIGITS_MAX, and begins with no needless 0 (octal to some) if decimal or has
 * at most four digits if hexadecimal.
 */
struct digits digits_take(const char *at, unsigned int base);

#endif
