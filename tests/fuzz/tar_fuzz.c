#include <string.h>

#include "base/err.h"
#include "data/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const uint8_t *at;
	size_t len;
};

static ssize_t read_memory(void *from, void *buf, size_t len, struct err *err)
{
	struct memory *memory = from;
	size_t n = len < memory->len ? len : memory->len;

	(void)err;
	if (n)
		memcpy(buf, memory->at, n);
	memory->at += n;
	memory->len -= n;
	return (ssize_t)n;
}

/* A fuzzer cannot guess a checksum: every block gets the right one. */
static void mend(uint8_t *block)
{
	uint32_t sum = 8 * ' ';

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? 0 : block[i];
	for (int i = 153; i >= 148; i--) {
		block[i] = (uint8_t)('0' + (sum & 7));
		sum >>= 3;
	}
	block[154] = block[155] = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[64 * TAR_BLOCK];
	struct tar_reader reader;
	struct tar_entry entry;
	struct err err;
	const char *fault;
	char buf[700];
	int got;

	if (size > sizeof(bytes))
		size = sizeof(bytes);
	memcpy(bytes, data, size);
	/* Behind a text block: data must stay as it came, too. */
	for (size_t i = 0; i + TAR_BLOCK <= size; i += TAR_BLOCK)
		if (bytes[i + 511] != 0xff)
			mend(bytes + i);
	struct memory memory = { bytes, size };

	tar_open(&reader, (struct tar_source){ read_memory, NULL, &memory });
	while ((got = tar_next(&entry, &reader, &err)) > 0)
		if (tar_data(buf, sizeof(buf), &reader, &err) < 0 ||
		    strlen(entry.path) > TAR_PATH_MAX)
			break;
	if (got == 0 && tar_finish(&fault, &reader, &err) == 0 && !fault &&
	    reader.offset < 2 * TAR_BLOCK)
		__builtin_trap();
	tar_close(&reader);
	return 0;
}
