#ifndef KERNEL_CALL_H
#define KERNEL_CALL_H

/*
 * call: kernel_call(SYS_x, up to six words): -1 and errno on failure, which is
 * syscall(2) with fewer instructions.
 *
 * syscall(2) takes variable arguments, each of which has to move to where the
 * kernel reads it. Here the compiler puts them there, and keeps what else it
 * holds in registers, of which the kernel changes few. All but PID 1, and 32-bit
 * ARM, have syscall(2).
 *
 * The compiler does not know that this is a call: on x86-64 the return address
 * goes where a leaf function may keep its own, so -mno-red-zone is no matter of
 * size there.
 */
#include <sys/syscall.h>
#include <unistd.h>

/* By machine: the number, what comes back, the words, what else changes. */
#if !defined(PITH_INIT)
#elif defined(__x86_64__)
#define CALL_NR	     "rax"
#define CALL_RESULT  "rax"
#define CALL_A	     "rdi"
#define CALL_B	     "rsi"
#define CALL_C	     "rdx"
#define CALL_D	     "r10"
#define CALL_E	     "r8"
#define CALL_F	     "r9"
#define CALL_ENTER   "call kernel_enter"
#define CALL_CHANGED "rcx", "r11", "cc", "memory"
#elif defined(__aarch64__)
#define CALL_NR	     "x8"
#define CALL_RESULT  "x0"
#define CALL_A	     "x0"
#define CALL_B	     "x1"
#define CALL_C	     "x2"
#define CALL_D	     "x3"
#define CALL_E	     "x4"
#define CALL_F	     "x5"
#define CALL_ENTER   "bl kernel_enter"
#define CALL_CHANGED "x16", "x17", "x30", "cc", "memory"
#elif defined(__riscv)
#define CALL_NR	     "a7"
#define CALL_RESULT  "a0"
#define CALL_A	     "a0"
#define CALL_B	     "a1"
#define CALL_C	     "a2"
#define CALL_D	     "a3"
#define CALL_E	     "a4"
#define CALL_F	     "a5"
#define CALL_ENTER   "call kernel_enter"
#define CALL_CHANGED "ra", "t0", "t1", "memory"
#endif

#ifndef CALL_NR
#define kernel_call syscall
#else

/* kernel_enter (init/start.c) makes the call, and errno of what came back. */
#define CALL_WORD(name, word) register long in_##name __asm__(word) = name
#define CALL_MAKE(...)                                          \
	register long result __asm__(CALL_RESULT);              \
	register long in_nr __asm__(CALL_NR) = nr;              \
	__asm__ volatile(CALL_ENTER                             \
			 : "=r"(result)                         \
			 : "r"(in_nr)__VA_OPT__(, ) __VA_ARGS__ \
			 : CALL_CHANGED);                       \
	return result
#define CALL_INLINE static inline __attribute__((always_inline)) long

CALL_INLINE call_0(long nr)
{
	CALL_MAKE();
}

CALL_INLINE call_1(long nr, long a)
{
	CALL_WORD(a, CALL_A);
	CALL_MAKE("r"(in_a));
}

CALL_INLINE call_2(long nr, long a, long b)
{
	CALL_WORD(a, CALL_A);
	CALL_WORD(b, CALL_B);
	CALL_MAKE("r"(in_a), "r"(in_b));
}

CALL_INLINE call_3(long nr, long a, long b, long c)
{
	CALL_WORD(a, CALL_A);
	CALL_WORD(b, CALL_B);
	CALL_WORD(c, CALL_C);
	CALL_MAKE("r"(in_a), "r"(in_b), "r"(in_c));
}

CALL_INLINE call_4(long nr, long a, long b, long c, long d)
{
	CALL_WORD(a, CALL_A);
	CALL_WORD(b, CALL_B);
	CALL_WORD(c, CALL_C);
	CALL_WORD(d, CALL_D);
	CALL_MAKE("r"(in_a), "r"(in_b), "r"(in_c), "r"(in_d));
}

CALL_INLINE call_5(long nr, long a, long b, long c, long d, long e)
{
	CALL_WORD(a, CALL_A);
	CALL_WORD(b, CALL_B);
	CALL_WORD(c, CALL_C);
	CALL_WORD(d, CALL_D);
	CALL_WORD(e, CALL_E);
	CALL_MAKE("r"(in_a), "r"(in_b), "r"(in_c), "r"(in_d), "r"(in_e));
}

CALL_INLINE call_6(long nr, long a, long b, long c, long d, long e, long f)
{
	CALL_WORD(a, CALL_A);
	CALL_WORD(b, CALL_B);
	CALL_WORD(c, CALL_C);
	CALL_WORD(d, CALL_D);
	CALL_WORD(e, CALL_E);
	CALL_WORD(f, CALL_F);
	CALL_MAKE("r"(in_a), "r"(in_b), "r"(in_c), "r"(in_d), "r"(in_e),
		  "r"(in_f));
}

#define CALL_0(nr)	    call_0(nr)
#define CALL_1(nr, a)	    call_1(nr, (long)(a))
#define CALL_2(nr, a, b)    call_2(nr, (long)(a), (long)(b))
#define CALL_3(nr, a, b, c) call_3(nr, (long)(a), (long)(b), (long)(c))
#define CALL_4(nr, a, b, c, d) \
	call_4(nr, (long)(a), (long)(b), (long)(c), (long)(d))
#define CALL_5(nr, a, b, c, d, e) \
	call_5(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))
#define CALL_6(nr, a, b, c, d, e, f)                                      \
	call_6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), \
	       (long)(f))
#define CALL_PICK(nr, a, b, c, d, e, f, pick, ...) pick
#define kernel_call(...)                                                       \
	CALL_PICK(__VA_ARGS__, CALL_6, CALL_5, CALL_4, CALL_3, CALL_2, CALL_1, \
		  CALL_0, )                                                    \
	(__VA_ARGS__)
#endif

#endif
