/* Notices: the bytes stay as they are, and a number comes with its flag. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of its own size, so that reading past it is seen. */
	char *text = malloc(size ? size : 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	struct notice notice = notice_parse((struct slice){ text, size });

	if (notice.what >= NOTICE_INTERVAL * 2 ||
	    (notice.extend_ms && !(notice.what & NOTICE_EXTEND)) ||
	    (notice.interval_ms && !(notice.what & NOTICE_INTERVAL)))
		abort();
	free(text);
	return 0;
}
