#include "arch/arch.h"

#include <elf.h>
#include <linux/audit.h>

static const struct arch_syscall syscalls[] = {
#include "arch/x86_64.inc"
};

const struct arch arch_x86_64 = {
	.name = "x86_64",
	.oci = "amd64",
	.tuple = "x86_64-linux-gnu",
	.loader = "/lib64/ld-linux-x86-64.so.2",
	.audit = AUDIT_ARCH_X86_64,
	.elf_machine = EM_X86_64,
	.elf_class = ELFCLASS64,
	.exec_clears_registers = true,
	.syscalls = syscalls,
	.syscall_count = sizeof(syscalls) / sizeof(syscalls[0]),
};
