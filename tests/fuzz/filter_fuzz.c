/* The filter file: what parses would be written as long as it was. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "data/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct filter filter;
	struct err err;
	uint8_t *blob = malloc(size + 1); /* aligned, as the parser asks */

	if (!blob)
		return 0;
	memcpy(blob, data, size);
	if (filter_parse(&filter, blob, size, &err) == 0 &&
	    filter_size(&filter) != size)
		abort();
	free(blob);
	return 0;
}
