#ifndef ARCH_NATIVE_H
#define ARCH_NATIVE_H

/*
 * native: the row of the machine being compiled for, for PID 1, which cannot
 * afford the tables of the others.
 */
#include <linux/audit.h>
#include <stdint.h>

#if defined(__x86_64__)
static const uint32_t arch_native_audit = AUDIT_ARCH_X86_64;
#define ARCH_NATIVE_NAME "x86_64"
#elif defined(__aarch64__)
static const uint32_t arch_native_audit = AUDIT_ARCH_AARCH64;
#define ARCH_NATIVE_NAME "aarch64"
#elif defined(__arm__)
static const uint32_t arch_native_audit = AUDIT_ARCH_ARM;
#define ARCH_NATIVE_NAME "armhf"
#elif defined(__riscv)
static const uint32_t arch_native_audit = AUDIT_ARCH_RISCV64;
#define ARCH_NATIVE_NAME "riscv64"
#else
#error "pith does not know this architecture"
#endif

#endif
