#include "seccomp/effect.h"

#include "seccomp/machine.h"

void effect_of(struct effect *out, const struct insn *insn)
{
	*out = (struct effect){ .dest = DECODE_NONE,
				.dest_next = DECODE_NONE,
				.reg = DECODE_NONE,
				.other = DECODE_NONE };
	insn->machine->effect(out, insn);
}
