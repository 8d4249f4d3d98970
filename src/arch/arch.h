#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

/*
 * arch: what differs between the machines pith knows, as one const struct
 * each. The syscall tables are generated from the kernel's own headers by
 * scripts/gen-syscalls.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct arch_syscall {
	uint32_t nr;
	const char *name;
};

struct arch {
	const char *name;    /* the kernel's: "x86_64", "aarch64", ... */
	const char *oci;     /* the image format's: "amd64", "arm64", ... */
	const char *variant; /* the image format's, "v8", or NULL */
	const char *tuple;   /* GNU's, which Debian names directories by */
	const char *loader;  /* glibc's, by its ABI */
	uint32_t audit;	     /* AUDIT_ARCH_*, what seccomp filters see */
	uint16_t elf_machine;
	uint8_t elf_class; /* 1: 32 bits, 2: 64 bits */
	/*
	 * The kernel clears the argument registers at execve, so the cookie
	 * gate is safe; riscv64 keeps them.
	 */
	bool exec_clears_registers;
	uint32_t private_first; /* calls above the table (ARM), or 0 */
	uint32_t private_last;
	const struct arch_syscall *syscalls; /* sorted by nr */
	size_t syscall_count;
};

extern const struct arch arch_x86_64;
extern const struct arch arch_aarch64;
extern const struct arch arch_armhf;
extern const struct arch arch_riscv64;

/* All of them, ended by NULL. */
extern const struct arch *const arch_all[];

/* By kernel or image-format name ("armhf", "arm" and "arm/v7" are one). */
const struct arch *arch_by_name(struct slice name);
const struct arch *arch_by_audit(uint32_t audit);
const struct arch *arch_by_elf(uint16_t machine, uint8_t elf_class);

/* The machine this program was compiled for. */
const struct arch *arch_host(void);

/* The name of a call, or NULL; the number of a call, or -1. */
const char *arch_syscall_name(const struct arch *arch, uint32_t nr);
int arch_syscall_nr(const struct arch *arch, struct slice name);

/* The highest number in the table, private calls aside. */
uint32_t arch_syscall_max(const struct arch *arch);

#endif
