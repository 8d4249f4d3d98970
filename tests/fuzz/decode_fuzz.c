#include <stdint.h>
#include <stdlib.h>

#include "seccomp/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decode at every byte; a length must lie within what was given. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct insn insn;

	for (size_t i = 0; i < size; i++)
		if (decode(&insn, data + i, size - i) &&
		    (!insn.len || insn.len > DECODE_LEN_MAX ||
		     insn.len > size - i))
			abort();
	return 0;
}
