#ifndef DATA_DIGITS_H
#define DATA_DIGITS_H

/* digits: the small numbers inside of a text that ends with a zero byte. */
#include <stdint.h>

enum { DIGITS_MAX = 65535 };

/*
 * Take the number at *at, which moves behind it; base is 10 or 16. More than
 * DIGITS_MAX is returned for no digit, a greater number, a decimal one that
 * begins with 0 (octal to some), or more than four hexadecimal digits.
 */
uint32_t digits_take(const char **at, unsigned int base);

#endif
