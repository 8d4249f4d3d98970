/* How an archive ends; tar_read.c reads what comes before. */
#include "data/tar.h"

#include <string.h>

enum { END_STEP = 16 * 1024 };

static bool is_zero(const char *at, size_t len)
{
	return !len || (!at[0] && memcmp(at, at + 1, len - 1) == 0);
}

int tar_finish(const char **fault, struct tar_reader *reader, struct err *err)
{
	uint64_t before = reader->offset;
	char chunk[END_STEP];
	ssize_t n = 0;

	*fault = NULL;
	if (!reader->is_marked) {
		*fault = "ends without its two zero blocks";
		return 0;
	}
	while (!*fault && (n = reader->source.read(reader->source.from, chunk,
						   sizeof(chunk), err)) > 0) {
		reader->offset += (uint64_t)n;
		if (!is_zero(chunk, (size_t)n))
			*fault = "has something behind its end";
	}
	if (!*fault && n == 0 && reader->offset - before < TAR_BLOCK)
		*fault = "ends with one zero block instead of two";
	return n < 0 ? -1 : 0;
}
