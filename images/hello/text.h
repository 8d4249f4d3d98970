#ifndef HELLO_TEXT_H
#define HELLO_TEXT_H

/*
 * text: bytes appended to a buffer that somebody else owns.
 *
 * What does not fit is dropped, never written past the end; a caller that
 * must not lose bytes makes the buffer large enough for the worst case.
 */
#include <stddef.h>
#include <stdint.h>

struct text {
	char *buf;
	size_t len;
	size_t cap;
};

void text_put(struct text *text, const char *bytes, size_t len);
void text_str(struct text *text, const char *str);
void text_u64(struct text *text, uint64_t value);

/* Decimal with leading zeros up to width; higher digits are lost. */
void text_digits(struct text *text, uint64_t value, size_t width);

/*
 * A JSON string with its quotes. Every byte that is not printable ASCII
 * becomes \u00XX, so the result is valid whatever the bytes are. At most six
 * bytes per byte, and two.
 */
void text_json(struct text *text, const char *bytes, size_t len);

/* As text_json, and a comma before it where it is not the first: "key":. */
void text_key(struct text *text, const char *key);

/*
 * An address of 16 bytes as RFC 5952 writes it; a mapped IPv4 address as four
 * decimals. At most 45 bytes.
 */
void text_address(struct text *text, const uint8_t ip[16]);

#endif
