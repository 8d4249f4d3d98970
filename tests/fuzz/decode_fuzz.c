#include <stdint.h>
#include <stdlib.h>

#include "seccomp/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A length must lie within what was given; effects name what there is. */
static void decode_at(const struct machine *machine, const uint8_t *data,
		      size_t size)
{
	struct effect effect;
	struct insn insn;

	if (!machine->decode(&insn, data, size))
		return;
	if (!insn.len || insn.len > machine->len_max || insn.len > size)
		abort();
	effect_of(&effect, &insn);
	if (effect.dest != DECODE_NONE && effect.dest >= 32)
		abort();
	for (uint8_t reg = 0; reg < 32; reg++)
		machine->names(&insn, reg);
	machine->only_looks(&insn);
	machine->stack_use(&insn, false);
}

/* Decode at every byte, for each machine. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		decode_at(&machine_x86_64, data + i, size - i);
		decode_at(&machine_aarch64, data + i, size - i);
	}
	return 0;
}
