/* entry: what the kernel hands to a new program. */
#ifndef ESCAPE_ENTRY_H
#define ESCAPE_ENTRY_H

enum {
	ENTRY_STACK, /* rsp: argc, and above it all that the stack holds */
	ENTRY_R8 = 8,
	ENTRY_R9,
	ENTRY_REGISTERS = 16,
};

/* rsp rax rbx rcx rdx rsi rdi rbp r8 to r15, as they were at the start. */
extern unsigned long entry_registers[ENTRY_REGISTERS]
	__attribute__((visibility("hidden")));

#endif
