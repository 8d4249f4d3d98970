/*
 * What proc(5) says of a process, from hostile bytes: no signal outside 1 to
 * 64 is ever taken, and none without a mask of 16 digits.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/status.h"

#define CHECK(claim)             \
	do {                     \
		if (!(claim))    \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	bool can_take = memmem(data, size, "SigBlk:", 7) ||
			memmem(data, size, "SigCgt:", 7);

	for (int sig = -2; sig <= 80; sig++)
		CHECK(!status_takes_signal(text, sig) ||
		      (can_take && size >= 23 && sig >= 1 && sig <= 64));
	CHECK(!status_awaits_signals(text) || size >= 3);
	return 0;
}
