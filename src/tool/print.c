#include "tool/print.h"

#include "image/sbom.h"

void print_text(FILE *to, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		unsigned char next = i + 1 < text.len
					     ? (unsigned char)text.at[i + 1]
					     : 0;
		/* U+0080 to U+009F: an escape character and more. */
		bool is_wide = c == 0xc2 && next >= 0x80 && next < 0xa0;

		fputc(c < ' ' || c == 127 || is_wide ? '?' : c, to);
		i += is_wide;
	}
}

json_t *print_json_text(const char *text)
{
	if (!text)
		return json_null();
	return sbom_text(text);
}
