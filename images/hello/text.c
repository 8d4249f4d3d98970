#include "text.h"

#include <stdbool.h>
#include <string.h>

static const char hex[] = "0123456789abcdef";

void text_put(struct text *text, const char *bytes, size_t len)
{
	size_t room = text->cap - text->len;

	if (len > room)
		len = room;
	memcpy(text->buf + text->len, bytes, len);
	text->len += len;
}

void text_str(struct text *text, const char *str)
{
	text_put(text, str, strlen(str));
}

void text_u64(struct text *text, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	text_put(text, digits + at, sizeof(digits) - at);
}

void text_digits(struct text *text, uint64_t value, size_t width)
{
	char digits[20];

	for (size_t i = width; i--; value /= 10)
		digits[i] = (char)('0' + value % 10);
	text_put(text, digits, width);
}

void text_json(struct text *text, const char *bytes, size_t len)
{
	text_put(text, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		char escape[6] = {
			'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]
		};

		if (c == '"' || c == '\\')
			text_put(text, (char[]){ '\\', (char)c }, 2);
		else if (c >= ' ' && c <= '~')
			text_put(text, bytes + i, 1);
		else
			text_put(text, escape, sizeof(escape));
	}
	text_put(text, "\"", 1);
}

void text_key(struct text *text, const char *key)
{
	if (text->len && text->buf[text->len - 1] != '{')
		text_put(text, ",", 1);
	text_json(text, key, strlen(key));
	text_put(text, ":", 1);
}

static bool is_mapped(const uint8_t ip[16])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(ip, prefix, sizeof(prefix)) == 0;
}

static unsigned int group(const uint8_t ip[16], size_t i)
{
	return (unsigned int)ip[2 * i] << 8 | ip[2 * i + 1];
}

/* The first of the longest runs of zero groups; "::" stands for two or more. */
static size_t zero_run(const uint8_t ip[16], size_t *len)
{
	size_t best = 8;

	*len = 1;
	for (size_t i = 0; i < 8; i++) {
		size_t n = 0;

		while (i + n < 8 && !group(ip, i + n))
			n++;
		if (n > *len) {
			*len = n;
			best = i;
		}
	}
	return best;
}

static void put_hex(struct text *text, unsigned int value)
{
	int shift = 12;

	while (shift && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		text_put(text, &hex[value >> shift & 15], 1);
}

void text_address(struct text *text, const uint8_t ip[16])
{
	if (is_mapped(ip)) {
		for (size_t i = 12; i < 16; i++) {
			text_u64(text, ip[i]);
			text_str(text, i < 15 ? "." : "");
		}
		return;
	}
	size_t run_len;
	size_t run = zero_run(ip, &run_len);

	for (size_t i = 0; i < 8; i++) {
		if (i == run) {
			text_str(text, "::");
			i += run_len - 1;
			continue;
		}
		if (i && i != run + run_len)
			text_str(text, ":");
		put_hex(text, group(ip, i));
	}
}
