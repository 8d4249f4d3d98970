#include "tool/print.h"

#include "image/sbom.h"

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
	return sbom_text(text);
}
