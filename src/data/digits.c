#include "data/digits.h"

enum { HEX_LEN = 4 };

/* 36 and above for what is neither a digit nor a letter. */
static unsigned int digit_of(char c)
{
	unsigned int digit = (unsigned char)c - '0';

	if (digit <= 9)
		return digit;
	/* The one bit by which capital letters differ. */
	digit = ((unsigned char)c | 32U) - 'a';
	return digit < 26 ? digit + 10 : 36;
}

struct digits digits_take(const char *at, unsigned int base)
{
	struct digits out = { at, 0 };
	long len;

	for (; out.value <= DIGITS_MAX; out.after++) {
		unsigned int digit = digit_of(*out.after);

		if (digit >= base)
			break;
		out.value = out.value * base + digit;
	}
	len = out.after - at;
	if (len == 0 || (base == 10 ? len > 1 && *at == '0' : len > HEX_LEN))
		out.value = UINT32_MAX;
	return out;
}
