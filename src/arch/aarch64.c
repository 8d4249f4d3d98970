#include "arch/arch.h"

#include <elf.h>
#include <linux/audit.h>

static const struct arch_syscall syscalls[] = {
#include "arch/aarch64.inc"
};

const struct arch arch_aarch64 = {
	.name = "aarch64",
	.oci = "arm64",
	.variant = "v8",
	.tuple = "aarch64-linux-gnu",
	.loader = "/lib/ld-linux-aarch64.so.1",
	.audit = AUDIT_ARCH_AARCH64,
	.elf_machine = EM_AARCH64,
	.elf_class = ELFCLASS64,
	.exec_clears_registers = true,
	.syscalls = syscalls,
	.syscall_count = sizeof(syscalls) / sizeof(syscalls[0]),
};
