/* /etc/pith/calls from hostile bytes: every row, and values of every family. */
#include <stdlib.h>
#include <string.h>

#include "data/calls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t value = 0;

	if (size < sizeof(value) + 2)
		return 0;
	memcpy(&value, data, sizeof(value));
	size_t cap = 1 + data[sizeof(value)];
	struct slice text = { (const char *)data + sizeof(value) + 1,
			      size - sizeof(value) - 1 };
	struct slice name, letters;
	char *out = malloc(cap);

	for (uint32_t nr = 0; nr < 16; nr++)
		if (calls_row(&name, &letters, text, nr) &&
		    (name.at < text.at || !name.len ||
		     letters.at + letters.len > text.at + text.len))
			abort();
	for (int family = 1; family < 127; family++)
		if (calls_value(out, cap, text, (char)family, value) !=
		    strlen(out))
			abort();
	free(out);
	return 0;
}
