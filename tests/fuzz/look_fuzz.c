#include <string.h>

#include "base/err.h"
#include "data/tar.h"
#include "image/look.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says in which pieces the rest arrives: notes are the same. */
static void run(struct buf *notes, const uint8_t *data, size_t size,
		size_t piece)
{
	static struct look *look;
	struct tar_entry entry = { .type = TAR_FILE, .size = size };
	struct err err;

	if (!look)
		look = look_new();
	if (look_entry(look, &entry, 0, &err) < 0)
		__builtin_trap();
	for (size_t at = 0; at < size; at += piece) {
		size_t n = size - at < piece ? size - at : piece;

		if (look_data(look,
			      (struct slice){ (const char *)data + at, n },
			      &err) < 0)
			__builtin_trap();
	}
	if (look_end(look, notes, &err) < 0)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_buf struct buf whole = { 0 };
	auto_buf struct buf pieces = { 0 };
	size_t piece;

	/* Four bytes are always together: how a file begins says what it is. */
	if (!size)
		return 0;
	piece = 4 + data[0];
	data++;
	size--;
	run(&whole, data, size, size ? size : 1);
	run(&pieces, data, size, piece);
	if (whole.len != pieces.len ||
	    memcmp(buf_slice(&whole).at, buf_slice(&pieces).at, whole.len) != 0)
		__builtin_trap();
	return 0;
}
