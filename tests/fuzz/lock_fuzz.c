/* Any bytes as a lock; what is accepted is printed and read to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "data/lock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf first = { 0 }, second = { 0 };
	struct lock lock;
	struct err err;

	if (lock_parse(&lock, (struct slice){ (const char *)data, size },
		       &err) < 0)
		return 0;
	lock_print(&first, &lock);
	lock_free(&lock);
	if (lock_parse(&lock, buf_slice(&first), &err) < 0)
		abort();
	lock_print(&second, &lock);
	lock_free(&lock);
	if (first.len != second.len ||
	    memcmp(first.at, second.at, first.len) != 0)
		abort();
	buf_free(&first);
	buf_free(&second);
	return 0;
}
