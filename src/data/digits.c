#include "data/digits.h"

#include <stddef.h>

enum { HEX_LEN = 4 };

uint32_t digits_take(const char **at, unsigned int base)
{
	const char *first = *at;
	uint32_t value = 0;
	ptrdiff_t n;

	for (;; (*at)++) {
		unsigned int digit = (unsigned char)**at - '0';

		/* The one bit by which small letters differ. */
		if (digit > 9 && (digit = ((digit + '0') | 32) - 'a' + 10) < 10)
			break;
		if (digit >= base)
			break;
		value = value * base + digit;
		if (value > DIGITS_MAX)
			return UINT32_MAX;
	}
	n = *at - first;
	if (n == 0 || (base == 10 ? n > 1 && *first == '0' : n > HEX_LEN))
		return UINT32_MAX;
	return value;
}
