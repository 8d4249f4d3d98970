/*
 * The same kernel by other doors: tables of 32-bit calls, numbers that no table
 * has, and arguments with bits above those that the kernel looks at.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape.h"
#include "terminal.h"

#if defined(__x86_64__)

#define HIGH (1L << 32)
#define X32  0x40000000L

/* Numbers of the 32-bit table. */
enum { I386_GETPID = 20, I386_PTRACE = 26, I386_SOCKETCALL = 102 };
enum { I386_UNSHARE = 310, I386_VM86 = 166 };

static long int80(const struct attempt *a)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(a->nr), "b"(a->args[0]), "c"(a->args[1]),
			   "d"(a->args[2])
			 : "memory", "r8", "r9", "r10", "r11");
	errno = result < 0 ? (int)-result : 0;
	return result < 0 ? -1 : 0;
}

/* Both the call and the child's end must show: a namespace for a moment. */
static long clone_high(const struct attempt *a)
{
	pid_t child = (pid_t)syscall(SYS_clone, a->args[0], 0L, 0L, 0L, 0L);

	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid(child, NULL, 0);
	return child;
}

static long ioctl_high(const struct attempt *a)
{
	return syscall(SYS_ioctl, terminal_own(), a->args[0] | HIGH, "x");
}

static const struct attempt abi[] = {
	{ .name = "int80-getpid", .run = int80, .nr = I386_GETPID },
	{ .name = "int80-unshare",
	  .run = int80,
	  .nr = I386_UNSHARE,
	  .args = { CLONE_NEWUSER } },
	{ .name = "int80-ptrace", .run = int80, .nr = I386_PTRACE },
	{ .name = "int80-socketcall",
	  .run = int80,
	  .nr = I386_SOCKETCALL,
	  .args = { 1, 0 },
	  .past = EFAULT },
	{ .name = "int80-vm86", .run = int80, .nr = I386_VM86, .args = { 0 } },
	{ .name = "x32-getpid", .nr = X32 + SYS_getpid },
	{ .name = "x32-unshare",
	  .nr = X32 + SYS_unshare,
	  .args = { CLONE_NEWUSER } },
	{ .name = "number-bit-32",
	  .nr = HIGH + SYS_unshare,
	  .args = { CLONE_NEWUSER } },
};

static const unsigned int errno_action = SECCOMP_RET_ERRNO;

static const struct attempt high_bit[] = {
	{ .name = "clone-newuser-bit-32",
	  .run = clone_high,
	  .args = { CLONE_NEWUSER | SIGCHLD | HIGH } },
	{ .name = "clone-newnet-bit-32",
	  .run = clone_high,
	  .args = { CLONE_NEWNET | SIGCHLD | HIGH } },
	{ .name = "tiocsti-bit-32", .run = ioctl_high, .args = { TIOCSTI } },
	{ .name = "tioclinux-bit-32",
	  .run = ioctl_high,
	  .args = { TIOCLINUX },
	  .past = ENOTTY },
	{ .name = "socket-netlink-bit-32",
	  .nr = SYS_socket,
	  .args = { AF_NETLINK | HIGH, SOCK_RAW, NETLINK_ROUTE } },
	{ .name = "socket-vsock-bit-32",
	  .nr = SYS_socket,
	  .args = { AF_VSOCK | HIGH, SOCK_STREAM, 0 } },
	{ .name = "socket-raw-bit-32",
	  .nr = SYS_socket,
	  .args = { AF_INET, SOCK_RAW | HIGH, 1 } },
	{ .name = "prctl-seccomp-bit-32",
	  .nr = SYS_prctl,
	  .args = { PR_SET_SECCOMP | HIGH, 2 },
	  .past = EFAULT },
	{ .name = "personality-bit-32",
	  .nr = SYS_personality,
	  .args = { ADDR_NO_RANDOMIZE | HIGH } },
	{ .name = "seccomp-bit-32",
	  .nr = SYS_seccomp,
	  .args = { 2 | HIGH, 0, AT(&errno_action) } },
	{ .name = "ptrace-traceme-bit-63",
	  .nr = SYS_ptrace,
	  .args = { 0, 1L << 62 } },
	{ .name = "setns-bit-32",
	  .nr = SYS_setns,
	  .args = { -1 & 0xffffffff, HIGH },
	  .past = EBADF },
};

const struct theme abi_theme = THEME("abi", abi);
const struct theme high_bit_theme = THEME("high-bits", high_bit);

#else

const struct theme abi_theme = { "abi", NULL, 0 };
const struct theme high_bit_theme = { "high-bits", NULL, 0 };

#endif
