#include "arch/arch.h"

#include <elf.h>
#include <linux/audit.h>

static const struct arch_syscall syscalls[] = {
#include "arch/riscv64.inc"
};

const struct arch arch_riscv64 = {
	.name = "riscv64",
	.oci = "riscv64",
	.tuple = "riscv64-linux-gnu",
	.loader = "/lib/ld-linux-riscv64-lp64d.so.1",
	.audit = AUDIT_ARCH_RISCV64,
	.elf_machine = EM_RISCV,
	.elf_class = ELFCLASS64,
	/* start_thread() sets pc and sp and leaves a0..a7 alone (6.12). */
	.exec_clears_registers = false,
	.syscalls = syscalls,
	.syscall_count = sizeof(syscalls) / sizeof(syscalls[0]),
};
