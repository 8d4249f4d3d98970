/* entry: what the kernel hands to a new program. */
#ifndef ESCAPE_ENTRY_H
#define ESCAPE_ENTRY_H

/*
 * The stack pointer (argc, and above it all that the stack holds), then the
 * other registers. The last arguments of a call are where a cookie would be.
 */
enum {
	ENTRY_STACK,
#if defined(__x86_64__)
	ENTRY_FIFTH = 8, /* rax rbx rcx rdx rsi rdi rbp r8 to r15 */
	ENTRY_SIXTH,
	ENTRY_FOURTH,
	ENTRY_REGISTERS = 16,
#else
	ENTRY_FOURTH = 4, /* x0 to x30; a0 to a7 and so on; r0 to r12, lr */
	ENTRY_FIFTH,
	ENTRY_SIXTH,
	ENTRY_REGISTERS = 32,
#endif
};

/* As they were at the start; those that a machine does not have are 0. */
extern unsigned long entry_registers[ENTRY_REGISTERS]
	__attribute__((visibility("hidden")));

#endif
