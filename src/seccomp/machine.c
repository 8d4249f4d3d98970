#include "seccomp/machine.h"

#include "arch/arch.h"

const struct machine *const machine_all[] = { &machine_x86_64, &machine_aarch64,
					      NULL };

const struct machine *machine_by_elf(uint16_t machine)
{
	for (size_t i = 0; machine_all[i]; i++)
		if (machine_all[i]->arch->elf_machine == machine)
			return machine_all[i];
	return NULL;
}
