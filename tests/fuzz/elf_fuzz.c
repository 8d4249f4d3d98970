#include <stdint.h>

#include "base/err.h"
#include "data/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf elf;
	struct err err;

	elf_parse(&elf, (struct slice){ (const char *)data, size }, &err);
	return 0;
}
