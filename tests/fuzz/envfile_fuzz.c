/* Environment files: what comes out are assignments, and no longer. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "data/envfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t len)
{
	for (const char *p = text; p < text + len; p += strlen(p) + 1) {
		const char *end = envfile_name_end(p);

		if (end == p || *end != '=')
			abort();
	}
	if (len && text[len - 1])
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err;
	char *text = malloc(size + 1);
	size_t len;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	if (envfile_parse(&len, text, size, &err) == 0) {
		if (len > size + 1)
			abort();
		check(text, len);
	}
	free(text);
	return 0;
}
