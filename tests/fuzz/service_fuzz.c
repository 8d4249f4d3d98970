#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/rights.h"
#include "data/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read and printed is read again, and printed alike. */
static void print_again(const struct buf *first)
{
	struct service service;
	struct err err;
	auto_buf struct buf second = { 0 };
	char *text = malloc(first->len + 1);

	memcpy(text, first->at, first->len);
	if (service_parse(&service, text, first->len, &err) < 0)
		abort();
	service_print(&second, &service);
	if (second.len != first->len ||
	    memcmp(second.at, first->at, first->len) != 0)
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct service service;
	struct err err;
	auto_buf struct buf out = { 0 };
	char *text = malloc(size + 1);

	if (size)
		memcpy(text, data, size);
	if (service_parse(&service, text, size, &err) == 0) {
		service_check(&service, true, &err);
		for (int i = 0; i < RIGHTS_KEYS; i++)
			rights_abi(rights_wanted(&service, i));
		service_print(&out, &service);
		print_again(&out);
	}
	free(text);
	return 0;
}
