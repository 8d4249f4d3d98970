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
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv, char **envp);

static int error_number;

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
		syscall(SYS_exit_group, code);
}

/*
 * _start: the stack pointer as the only argument, and no frame before this
 * one. syscall: libc's own guards its frame, by a canary that is not there.
 */
#if defined(__x86_64__)
__asm__(".globl _start\n"
	".type _start,%function\n"
	"_start:\n"
	"	xor %ebp,%ebp\n"
	"	mov %rsp,%rdi\n"
	"	call start_main\n"
	".globl syscall\n"
	".type syscall,%function\n"
	"syscall:\n"
	"	mov %rdi,%rax\n"
	"	mov %rsi,%rdi\n"
	"	mov %rdx,%rsi\n"
	"	mov %rcx,%rdx\n"
	"	mov %r8,%r10\n"
	"	mov %r9,%r8\n"
	"	mov 8(%rsp),%r9\n"
	"	syscall\n"
	"	mov %rax,%rdi\n"
	"	jmp __syscall_ret\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n"
	".type _start,%function\n"
	"_start:\n"
	"	mov x29,#0\n"
	"	mov x30,#0\n"
	"	mov x0,sp\n"
	"	b start_main\n"
	".globl syscall\n"
	".type syscall,%function\n"
	"syscall:\n"
	"	mov w8,w0\n"
	"	mov x0,x1\n"
	"	mov x1,x2\n"
	"	mov x2,x3\n"
	"	mov x3,x4\n"
	"	mov x4,x5\n"
	"	mov x5,x6\n"
	"	svc #0\n"
	"	b __syscall_ret\n");
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
	".globl syscall\n"
	".type syscall,%function\n"
	"syscall:\n"
	"	mv a7,a0\n"
	"	mv a0,a1\n"
	"	mv a1,a2\n"
	"	mv a2,a3\n"
	"	mv a3,a4\n"
	"	mv a4,a5\n"
	"	mv a5,a6\n"
	"	ecall\n"
	"	tail __syscall_ret\n");
#endif
