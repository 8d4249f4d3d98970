/* Control files and licenses from hostile bytes: slices lie within them. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "data/deb822.h"
#include "image/license.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct slice part, struct slice whole)
{
	if (part.at < whole.at || part.at + part.len > whole.at + whole.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice whole = { (const char *)data, size };
	struct slice rest = whole;
	struct slice paragraph;
	struct deb822_field field;
	auto_buf struct buf out = { 0 };

	while (deb822_paragraph(&paragraph, &rest)) {
		check(paragraph, whole);
		while (deb822_field(&field, &paragraph)) {
			check(field.name, whole);
			check(field.value, whole);
		}
	}
	if (license_expression(&out, whole) != (out.len != 0))
		abort();
	/* An expression is plain ASCII, whatever the names were. */
	for (size_t i = 0; i < out.len; i++)
		if (out.at[i] < ' ' || out.at[i] > '~')
			abort();
	return 0;
}
