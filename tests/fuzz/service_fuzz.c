#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "data/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct service service;
	struct err err;
	char *text = malloc(size + 1);

	if (size)
		memcpy(text, data, size);
	service_parse(&service, text, size, &err);
	free(text);
	return 0;
}
