/*
 * start: the first instructions of pith-init, in place of libc's.
 *
 * libc's own start reads the whole environment and the auxiliary vector, and
 * sets up thread-local storage, a stack canary and stdio's last words: 1.7 KB
 * and 1,000 instructions for what one thread without a heap has no use for.
 * What of libc is linked (string functions, wrappers of system calls) needs
 * of all that only a place for errno. scripts/check-static makes sure that
 * nothing reaches for thread-local storage.
 */
#include "kernel/call.h"

int main(int argc, char **argv, char **envp);

/* Not static, since the assembler below has to find it. */
extern int error_number;
int error_number;

/* Where libc keeps errno; the second name is the one it uses itself. */
int *__errno_location(void);
int *___errno_location(void);

int *__errno_location(void)
{
	return &error_number;
}

int *___errno_location(void)
{
	return &error_number;
}

/* What a system call returned, as -1 and errno; libc's wrappers end in it. */
long __syscall_ret(unsigned long result);

long __syscall_ret(unsigned long result)
{
	if (result <= -4096UL)
		return (long)result;
	error_number = (int)-result;
	return -1;
}

__attribute__((used, noreturn)) void start_main(char **stack);

/* stack as the kernel leaves it: argc, argv, NULL, envp, NULL, auxv. */
void start_main(char **stack)
{
	long argc = (long)stack[0];
	char **argv = stack + 1;

	int code = main((int)argc, argv, argv + argc + 1);

	for (;;)
		kernel_call(SYS_exit_group, code);
}

/*
 * _start: the stack pointer as the only argument, and no frame before this
 * one. kernel_enter: kernel/call.h; it changes what that says it does. 32-bit
 * ARM has syscall(2) instead, since libc's own guards its frame, by a canary
 * that is not there.
 */
#if defined(__x86_64__)
__asm__(".globl _start\n"
	".type _start,%function\n"
	"_start:\n"
	"	xor %ebp,%ebp\n"
	"	mov %rsp,%rdi\n"
	"	call start_main\n"
	".globl kernel_enter\n"
	".type kernel_enter,%function\n"
	"kernel_enter:\n"
	"	syscall\n"
	"	cmp $-4096,%rax\n"
	"	ja 1f\n"
	"	ret\n"
	"1:	neg %eax\n"
	"	mov %eax,error_number\n"
	"	or $-1,%rax\n"
	"	ret\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n"
	".type _start,%function\n"
	"_start:\n"
	"	mov x29,#0\n"
	"	mov x30,#0\n"
	"	mov x0,sp\n"
	"	b start_main\n"
	".globl kernel_enter\n"
	".type kernel_enter,%function\n"
	"kernel_enter:\n"
	"	svc #0\n"
	"	cmn x0,#4095\n"
	"	b.cs 1f\n"
	"	ret\n"
	"1:	neg w16,w0\n"
	"	adrp x17,error_number\n"
	"	str w16,[x17,#:lo12:error_number]\n"
	"	mov x0,#-1\n"
	"	ret\n");
#elif defined(__arm__)
__asm__(".globl _start\n"
	".type _start,%function\n"
	"_start:\n"
	"	mov fp,#0\n"
	"	mov lr,#0\n"
	"	mov r0,sp\n"
	"	bl start_main\n"
	".globl syscall\n"
	".type syscall,%function\n"
	"syscall:\n"
	"	mov ip,sp\n"
	"	push {r4,r5,r6,r7}\n"
	"	mov r7,r0\n"
	"	mov r0,r1\n"
	"	mov r1,r2\n"
	"	mov r2,r3\n"
	"	ldm ip,{r3,r4,r5,r6}\n"
	"	svc #0\n"
	"	pop {r4,r5,r6,r7}\n"
	"	b __syscall_ret\n");
#elif defined(__riscv)
__asm__(".globl _start\n"
	".type _start,%function\n"
	"_start:\n"
	"	mv a0,sp\n"
	"	tail start_main\n"
	".globl kernel_enter\n"
	".type kernel_enter,%function\n"
	"kernel_enter:\n"
	"	ecall\n"
	"	li t0,-4096\n"
	"	bgtu a0,t0,1f\n"
	"	ret\n"
	"1:	negw t0,a0\n"
	"	lui t1,%hi(error_number)\n"
	"	sw t0,%lo(error_number)(t1)\n"
	"	li a0,-1\n"
	"	ret\n");
#endif
