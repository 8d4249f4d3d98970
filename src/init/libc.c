/*
 * libc: what pith-init uses of it, in its shortest form.
 *
 * libc's own string functions read words at a time for the sake of long
 * strings, in 900 bytes; what is long here (files, the environment) is scanned
 * by base/slice, and compared by memcmp. Its system calls are points where
 * threads can be cancelled; there is one thread.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/call.h"

/* Parameters have reserved names in the header. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return (size_t)(end - s);
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(unsigned long)s;
}

/* As it stands anywhere, and whatever it is. riscv64 may have to load bytes. */
#ifdef __riscv
typedef unsigned char word;
#else
typedef unsigned long __attribute__((aligned(1), may_alias)) word;
#endif

/* The first word that differs is gone through again, by bytes. */
int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *p = a, *q = b;

	while (n >= sizeof(word) && *(const word *)p == *(const word *)q) {
		p += sizeof(word);
		q += sizeof(word);
		n -= sizeof(word);
	}
	for (; n; n--)
		if (*p++ != *q++)
			return p[-1] - q[-1];
	return 0;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, (size_t)-1);
}

ssize_t read(int fd, void *buf, size_t n)
{
	return kernel_call(SYS_read, fd, buf, n);
}

ssize_t write(int fd, const void *buf, size_t n)
{
	return kernel_call(SYS_write, fd, buf, n);
}

int close(int fd)
{
	return (int)kernel_call(SYS_close, fd);
}

/* Machines that came late have only the call that takes a mask. */
#ifdef SYS_poll
int poll(struct pollfd *fds, nfds_t n, int ms)
{
	return (int)kernel_call(SYS_poll, fds, n, ms);
}
#endif

pid_t getpid(void)
{
	return (pid_t)kernel_call(SYS_getpid);
}

pid_t getppid(void)
{
	return (pid_t)kernel_call(SYS_getppid);
}

pid_t getpgrp(void)
{
	return (pid_t)kernel_call(SYS_getpgid, 0);
}

pid_t waitpid(pid_t pid, int *status, int flags)
{
	return (pid_t)kernel_call(SYS_wait4, pid, status, flags, NULL);
}

int kill(pid_t pid, int sig)
{
	return (int)kernel_call(SYS_kill, pid, sig);
}

int access(const char *path, int mode)
{
	return (int)kernel_call(SYS_faccessat, AT_FDCWD, path, mode);
}

int chdir(const char *path)
{
	return (int)kernel_call(SYS_chdir, path);
}

mode_t umask(mode_t mask)
{
	return (mode_t)kernel_call(SYS_umask, mask);
}

int setpgid(pid_t pid, pid_t group)
{
	return (int)kernel_call(SYS_setpgid, pid, group);
}

pid_t setsid(void)
{
	return (pid_t)kernel_call(SYS_setsid);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/*
 * What the compiler's own 64-bit division calls when dividing by 0, which
 * nobody here does; its usual one raises a signal as a thread of libc's.
 */
#ifdef __arm__
__attribute__((noreturn)) void __aeabi_ldiv0(void);

void __aeabi_ldiv0(void)
{
	__builtin_trap();
}
#endif
