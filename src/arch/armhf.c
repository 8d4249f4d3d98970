#include "arch/arch.h"

#include <elf.h>
#include <linux/audit.h>

static const struct arch_syscall syscalls[] = {
#include "arch/armhf.inc"
};

const struct arch arch_armhf = {
	.name = "armhf",
	.oci = "arm",
	.variant = "v7",
	.tuple = "arm-linux-gnueabihf",
	.loader = "/lib/ld-linux-armhf.so.3",
	.audit = AUDIT_ARCH_ARM,
	.elf_machine = EM_ARM,
	.elf_class = ELFCLASS32,
	.exec_clears_registers = true,
	.private_first = 0xf0001, /* __ARM_NR_breakpoint */
	.private_last = 0xf0006,  /* __ARM_NR_get_tls */
	.syscalls = syscalls,
	.syscall_count = sizeof(syscalls) / sizeof(syscalls[0]),
};
