#include "tool/print.h"

#include <string.h>

#include "base/buf.h"

void print_text(FILE *to, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		fputc(c < ' ' || c == 127 ? '?' : c, to);
	}
}

json_t *print_json_text(const char *text)
{
	if (!text)
		return json_null();
	json_t *json = json_string(text);

	if (json)
		return json;
	auto_buf struct buf ascii = { 0 };

	for (; *text; text++)
		buf_add(&ascii, *text & 0x80 ? "?" : text, 1);
	return json_string(ascii.at);
}
