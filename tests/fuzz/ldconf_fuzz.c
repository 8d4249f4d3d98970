/* ld.so.conf, and the directories in a loader: items lie within the text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/ldconf.h"
#include "data/loader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct slice part, struct slice whole)
{
	if (!part.len || part.at < whole.at ||
	    part.at + part.len > whole.at + whole.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct ldconf conf = { .text = text, .line = { "", 0 } };
	struct slice dirs[LOADER_DIRS_MAX];
	struct ldconf_item item;
	size_t items = 0;

	while (ldconf_next(&item, &conf)) {
		check(item.value, text);
		if (++items > size)
			abort();
	}
	size_t count = loader_dirs(dirs, text);

	for (size_t i = 0; i < count; i++) {
		check(dirs[i], text);
		if (dirs[i].at[0] != '/' || dirs[i].at[dirs[i].len - 1] != '/')
			abort();
	}
	loader_is_musl(text);
	return 0;
}
