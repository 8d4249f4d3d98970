/*
 * What the kernel hands to a new program: its registers and its stack, kept
 * before any code of libc runs. The linker is told to enter here.
 */
#include "entry.h"

#if defined(__x86_64__)

unsigned long entry_registers[ENTRY_REGISTERS];

__asm__(".globl entry_start\n"
	".hidden entry_start\n"
	".type entry_start, @function\n"
	"entry_start:\n"
	"	mov %rsp, entry_registers(%rip)\n"
	"	mov %rax, 8+entry_registers(%rip)\n"
	"	mov %rbx, 16+entry_registers(%rip)\n"
	"	mov %rcx, 24+entry_registers(%rip)\n"
	"	mov %rdx, 32+entry_registers(%rip)\n"
	"	mov %rsi, 40+entry_registers(%rip)\n"
	"	mov %rdi, 48+entry_registers(%rip)\n"
	"	mov %rbp, 56+entry_registers(%rip)\n"
	"	mov %r8, 64+entry_registers(%rip)\n"
	"	mov %r9, 72+entry_registers(%rip)\n"
	"	mov %r10, 80+entry_registers(%rip)\n"
	"	mov %r11, 88+entry_registers(%rip)\n"
	"	mov %r12, 96+entry_registers(%rip)\n"
	"	mov %r13, 104+entry_registers(%rip)\n"
	"	mov %r14, 112+entry_registers(%rip)\n"
	"	mov %r15, 120+entry_registers(%rip)\n"
	"	jmp _start\n");

#endif
