/*
 * Logs from hostile bytes: what is read of a line is a name that a call can
 * have and words that a terminal can show.
 */
#include <stdlib.h>
#include <string.h>

#include "data/denial.h"

#define CHECK(claim)             \
	do {                     \
		if (!(claim))    \
			abort(); \
	} while (0)

static void check_word(const char *word, size_t size)
{
	CHECK(memchr(word, '\0', size));
	for (; *word; word++)
		CHECK(*word >= ' ' && *word <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = { (const char *)data, size };
	struct denial_reader reader = { 0 };
	struct denial denial;
	struct slice line;

	while (slice_cut(&line, &rest, '\n')) {
		if (!denial_read(&denial, &reader, line))
			continue;
		check_word(denial.call, sizeof(denial.call));
		check_word(denial.program, sizeof(denial.program));
		check_word(denial.error, sizeof(denial.error));
		CHECK(strspn(denial.call,
			     "abcdefghijklmnopqrstuvwxyz0123456789_") ==
		      strlen(denial.call));
	}
	return 0;
}
