#include "arch/arch.h"

const struct arch *const arch_all[] = {
	&arch_x86_64, &arch_aarch64, &arch_armhf, &arch_riscv64, NULL,
};

static bool is_oci_name(struct slice name, const struct arch *arch)
{
	struct slice oci;

	if (slice_eq(name, arch->oci))
		return true;
	if (!arch->variant || !slice_cut(&oci, &name, '/'))
		return false;
	return slice_eq(oci, arch->oci) && slice_eq(name, arch->variant);
}

const struct arch *arch_by_name(struct slice name)
{
	for (size_t i = 0; arch_all[i]; i++)
		if (slice_eq(name, arch_all[i]->name) ||
		    is_oci_name(name, arch_all[i]))
			return arch_all[i];
	return NULL;
}

const struct arch *arch_by_audit(uint32_t audit)
{
	for (size_t i = 0; arch_all[i]; i++)
		if (arch_all[i]->audit == audit)
			return arch_all[i];
	return NULL;
}

const struct arch *arch_by_elf(uint16_t machine, uint8_t elf_class)
{
	for (size_t i = 0; arch_all[i]; i++)
		if (arch_all[i]->elf_machine == machine &&
		    arch_all[i]->elf_class == elf_class)
			return arch_all[i];
	return NULL;
}

const struct arch *arch_host(void)
{
#if defined(__x86_64__) && defined(__LP64__)
	return &arch_x86_64;
#elif defined(__aarch64__) && defined(__LP64__)
	return &arch_aarch64;
#elif defined(__arm__) && defined(__ARM_EABI__)
	return &arch_armhf;
#elif defined(__riscv) && __riscv_xlen == 64
	return &arch_riscv64;
#else
#error "no row in src/arch for this machine"
#endif
}

/* A number may have two names (an alias); the first row is the canonical. */
const char *arch_syscall_name(const struct arch *arch, uint32_t nr)
{
	size_t low = 0;
	size_t high = arch->syscall_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (arch->syscalls[middle].nr < nr)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == arch->syscall_count || arch->syscalls[low].nr != nr)
		return NULL;
	return arch->syscalls[low].name;
}

int arch_syscall_nr(const struct arch *arch, struct slice name)
{
	for (size_t i = 0; i < arch->syscall_count; i++) {
		const struct arch_syscall *call = &arch->syscalls[i];

		/* The first letter settles most: this loop runs hot. */
		if (name.len && call->name[0] == name.at[0] &&
		    slice_eq(name, call->name))
			return (int)call->nr;
	}
	return -1;
}

uint32_t arch_syscall_max(const struct arch *arch)
{
	size_t i = arch->syscall_count - 1;

	/* ARM's private calls lie far above; they bound nothing. */
	while (arch->private_first &&
	       arch->syscalls[i].nr >= arch->private_first)
		i--;
	return arch->syscalls[i].nr;
}
