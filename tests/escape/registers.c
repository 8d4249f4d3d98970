/*
 * Attempts on the gate that name registers: to guess the cookie from those that
 * a new program starts with, to set all of them at once, and to call by other
 * numbers.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "entry.h"
#include "escape.h"
#include "gate.h"
#include "tools.h"

static long from_registers(const struct attempt *a)
{
	const unsigned long *r = entry_registers;
	int sig = gate_guess((struct guess){ r[ENTRY_FOURTH], r[ENTRY_FIFTH],
					     r[ENTRY_SIXTH] });

	(void)a;
	for (int i = 1; i < ENTRY_REGISTERS; i++)
		for (int k = 1; k < ENTRY_REGISTERS; k++)
			if (i != k && r[i])
				sig = gate_guess((struct guess){
					r[ENTRY_FOURTH], r[i], r[k] });
	return raise(sig);
}

#ifdef __LP64__
/* The kernel drops the upper half of the number. */
static long by_high_number(const struct attempt *a)
{
	(void)a;
	return syscall(SYS_execve | 1L << 32, program_path(), program_args(),
		       environ, 0L, 0L, 0L);
}
#endif

#if defined(__x86_64__)

/* Registers for execve with a guess, as a frame or a tracer would set them. */
enum { CS_SS = 0x2b, CS_USER = 0x33, STRICT_SS = 0x6 };

extern const char gate_syscall[] __attribute__((visibility("hidden")));
__asm__(".hidden gate_syscall\ngate_syscall: syscall\n ud2\n");

/* A frame made by hand: sigreturn sets every register at once. */
static long from_sigreturn(const struct attempt *a)
{
	static ucontext_t frame;
	greg_t *regs = frame.uc_mcontext.gregs;

	(void)a;
	frame.uc_flags = STRICT_SS;
	regs[REG_RIP] = AT(gate_syscall);
	regs[REG_RSP] = AT(entry_registers[ENTRY_STACK]);
	regs[REG_RAX] = SYS_execve;
	regs[REG_RDI] = AT(program_path());
	regs[REG_RSI] = AT(program_args());
	regs[REG_RDX] = AT(environ);
	regs[REG_R8] = 0x0123456789abcdefL;
	regs[REG_R9] = 0x0fedcba987654321L;
	regs[REG_CSGSFS] = CS_USER | (long)CS_SS << 48;
	__asm__ volatile("mov %0, %%rsp\n mov %1, %%eax\n syscall"
			 :
			 : "r"(&frame), "i"(SYS_rt_sigreturn)
			 : "memory");
	__builtin_unreachable();
}

/* At its next call, turn a child's getpid into execve. */
static void turn_call(pid_t child)
{
	struct user_regs_struct regs;

	ptrace(PTRACE_SYSCALL, child, 0, 0);
	waitpid(child, NULL, 0);
	ptrace(PTRACE_GETREGS, child, 0, &regs);
	regs.orig_rax = SYS_execve;
	regs.rdi = (unsigned long)AT(program_path());
	regs.rsi = (unsigned long)AT(program_args());
	regs.rdx = (unsigned long)AT(environ);
	ptrace(PTRACE_SETREGS, child, 0, &regs);
}

static long from_tracer(const struct attempt *a)
{
	int status;

	(void)a;
	pid_t child = (pid_t)need(fork(), "fork");

	if (child == 0) {
		need(ptrace(PTRACE_TRACEME, 0, 0, 0), "ptrace");
		raise(SIGSTOP);
		for (;;)
			syscall(SYS_getpid);
	}
	if (waitpid(child, &status, 0) == child && !WIFSTOPPED(status))
		_exit(0); /* it has told why */
	turn_call(child);
	ptrace(PTRACE_DETACH, child, 0, 0);
	return end_like(child);
}

/*
 * execve of the 32-bit table. In a position-independent program its arguments
 * lie above 4 GiB: cut, they are a fault.
 */
static long by_int80(const struct attempt *a)
{
	static uint32_t args[4];
	char **wide = program_args();
	long result;

	(void)a;
	for (int i = 0; i < 3; i++)
		args[i] = (uint32_t)AT(wide[i]);
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(11L), "b"(program_path()), "c"(args), "d"(0L)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = result < 0 ? (int)-result : 0;
	return result < 0 ? -1 : 0;
}

static long by_x32(const struct attempt *a)
{
	(void)a;
	return syscall(0x40000000L + 520, program_path(), program_args(),
		       environ);
}

#endif

static const struct attempt attempts[] = {
	{ .name = "cookie-registers", .run = from_registers },
#if defined(__x86_64__)
	{ .name = "exec-sigreturn", .run = from_sigreturn },
	{ .name = "exec-ptrace-setregs", .run = from_tracer },
	{ .name = "exec-int80", .run = by_int80, .past = EFAULT },
	{ .name = "exec-x32", .run = by_x32 },
#endif
#ifdef __LP64__
	{ .name = "exec-number-bit-32", .run = by_high_number },
#endif
};

const struct theme registers_theme = THEME("registers", attempts);
