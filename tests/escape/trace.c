/*
 * Processes of one's own to look into and to write, and filters of one's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape.h"
#include "tools.h"

#ifndef PTRACE_O_SUSPEND_SECCOMP
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#endif

enum { PATH_SIZE = 64 };

static long target = 0x1234;

static long attach(const struct attempt *a)
{
	pid_t victim = victim_start();

	return victim_end(victim,
			  ptrace((int)a->args[0], victim, 0, a->args[1]));
}

static long poke(const struct attempt *a)
{
	pid_t victim = victim_start();
	long result = ptrace(PTRACE_ATTACH, victim, 0, 0);

	(void)a;
	if (result == 0) {
		waitpid(victim, NULL, __WALL);
		result = ptrace(PTRACE_POKEDATA, victim, &target, 1L);
	}
	return victim_end(victim, result);
}

static long process_vm(const struct attempt *a)
{
	pid_t victim = victim_start();
	long here = 0;
	struct iovec local = { &here, sizeof(here) };
	struct iovec remote = { &target, sizeof(target) };

	return victim_end(
		victim, syscall(a->nr, victim, &local, 1UL, &remote, 1UL, 0UL));
}

static long write_memory(const struct attempt *a)
{
	char path[PATH_SIZE];
	pid_t victim = victim_start();
	long result;

	(void)a;
	snprintf(path, sizeof(path), "/proc/%d/mem", victim);
	int fd = open(path, O_RDWR);

	result = fd < 0 ? -1 : pwrite(fd, &target, sizeof(target), AT(&target));
	return victim_end(victim, result);
}

static long getfd(const struct attempt *a)
{
	pid_t victim = victim_start();
	int pidfd = (int)syscall(SYS_pidfd_open, victim, 0);

	(void)a;
	return victim_end(
		victim, pidfd < 0 ? -1 : syscall(SYS_pidfd_getfd, pidfd, 1, 0));
}

static long compare(const struct attempt *a)
{
	pid_t victim = victim_start();

	(void)a;
	return victim_end(
		victim, syscall(SYS_kcmp, getpid(), victim, KCMP_VM, 0UL, 0UL));
}

static long advise(const struct attempt *a)
{
	pid_t victim = victim_start();
	int pidfd = (int)syscall(SYS_pidfd_open, victim, 0);
	struct iovec remote = { (void *)(AT(&target) & ~4095L), 4096 };

	(void)a;
	return victim_end(victim,
			  pidfd < 0 ? -1
				    : syscall(SYS_process_madvise, pidfd,
					      &remote, 1UL, MADV_COLD, 0UL));
}

static struct sock_filter allow_all[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};
static const struct sock_fprog program = { 1, allow_all };

static long nested_filter(const struct attempt *a)
{
	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	return syscall(a->nr, a->args[0], a->args[1], &program, 0L, 0L);
}

static const struct attempt attempts[] = {
	{ .name = "ptrace-traceme",
	  .nr = SYS_ptrace,
	  .args = { PTRACE_TRACEME } },
	{ .name = "ptrace-attach", .run = attach, .args = { PTRACE_ATTACH } },
	{ .name = "ptrace-seize", .run = attach, .args = { PTRACE_SEIZE } },
	{ .name = "ptrace-suspend-seccomp",
	  .run = attach,
	  .args = { PTRACE_SEIZE, PTRACE_O_SUSPEND_SECCOMP } },
	{ .name = "ptrace-poke", .run = poke },
	{ .name = "process-vm-readv",
	  .run = process_vm,
	  .nr = SYS_process_vm_readv },
	{ .name = "process-vm-writev",
	  .run = process_vm,
	  .nr = SYS_process_vm_writev },
	{ .name = "child-mem-write", .run = write_memory },
	{ .name = "pidfd-getfd", .run = getfd },
	{ .name = "kcmp", .run = compare },
	{ .name = "process-madvise", .run = advise },
	{ .name = "seccomp-filter",
	  .run = nested_filter,
	  .nr = SYS_seccomp,
	  .args = { SECCOMP_SET_MODE_FILTER, 0 } },
	{ .name = "seccomp-listener",
	  .run = nested_filter,
	  .nr = SYS_seccomp,
	  .args = { SECCOMP_SET_MODE_FILTER,
		    SECCOMP_FILTER_FLAG_NEW_LISTENER } },
	{ .name = "seccomp-prctl",
	  .run = nested_filter,
	  .nr = SYS_prctl,
	  .args = { PR_SET_SECCOMP, SECCOMP_MODE_FILTER } },
};

const struct theme trace_theme = THEME("trace", attempts);
