#include "seccomp/machine.h"

#include "arch/arch.h"

const struct machine *machine_by_elf(uint16_t machine)
{
	static const struct machine *const all[] = { &machine_x86_64,
						     &machine_aarch64 };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i]->arch->elf_machine == machine)
			return all[i];
	return NULL;
}
