/*
 * PID 1: its memory, its descriptors, its view of files. It is the process
 * without a filter. What is written is what was there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape.h"

enum {
	PATH_SIZE = 64,
	PROGRAM_START = 0x400000, /* of static programs, /init for one */
	PROBES = 100,
	TRIES = 100000,
};

/* The first writable page of PID 1, or where static programs begin. */
static unsigned long memory_of_1(void)
{
	unsigned long start;
	char write;
	FILE *maps = fopen("/proc/1/maps", "re");

	while (maps &&
	       fscanf(maps, "%lx-%*x %*c%c%*[^\n]", &start, &write) == 2)
		if (write == 'w')
			return start;
	return PROGRAM_START;
}

static long open_memory(const struct attempt *a)
{
	char byte;
	off_t start = (off_t)memory_of_1();
	int fd = open("/proc/1/mem", (int)a->args[0]);

	if (fd < 0 || pread(fd, &byte, 1, start) != 1)
		return -1;
	return a->args[0] == O_RDWR ? pwrite(fd, &byte, 1, start) : 0;
}

static long process_vm(const struct attempt *a)
{
	char byte;
	struct iovec local = { &byte, 1 };
	struct iovec remote = { (void *)memory_of_1(), 1 };

	if (a->nr == SYS_process_vm_writev)
		process_vm_readv(1, &local, 1, &remote, 1, 0);
	return syscall(a->nr, 1, &local, 1UL, &remote, 1UL, 0UL);
}

static long trace(const struct attempt *a)
{
	if (ptrace((int)a->args[0], 1, 0, 0) < 0)
		return -1;
	/* An attached PID 1 is stopped: let it go before it is missed. */
	waitpid(1, NULL, __WALL | (a->args[0] == PTRACE_SEIZE ? WNOHANG : 0));
	ptrace(PTRACE_DETACH, 1, 0, 0);
	return 0;
}

static long getfd(const struct attempt *a)
{
	int pidfd = (int)need(syscall(SYS_pidfd_open, 1, 0), "pidfd_open");

	(void)a;
	return syscall(SYS_pidfd_getfd, pidfd, 0, 0);
}

static long madvise_1(const struct attempt *a)
{
	int pidfd = (int)need(syscall(SYS_pidfd_open, 1, 0), "pidfd_open");
	struct iovec remote = { (void *)memory_of_1(), 4096 };

	(void)a;
	return syscall(SYS_process_madvise, pidfd, &remote, 1UL, MADV_COLD, 0);
}

static long enter_namespace(const struct attempt *a)
{
	int fd = (int)need(open(a->path, O_RDONLY), a->path);

	return setns(fd, 0);
}

static long open_path(const struct attempt *a)
{
	char byte;
	int fd = open(a->path, (int)a->args[0]);

	/* /proc asks once more when it is read. */
	if (fd < 0 || (a->args[1] && read(fd, &byte, 1) < 0))
		return -1;
	return fd;
}

static long read_limit(const struct attempt *a)
{
	struct rlimit limit;

	(void)a;
	need(prlimit(getpid(), RLIMIT_CORE, NULL, &limit), "prlimit");
	return prlimit(1, RLIMIT_CORE, &limit, NULL);
}

/* The newest PID of this namespace, as the last word of /proc/loadavg. */
static int newest_pid(void)
{
	char text[128] = "";
	int fd = (int)need(open("/proc/loadavg", O_RDONLY), "/proc/loadavg");

	need(read(fd, text, sizeof(text) - 1), "/proc/loadavg");
	close(fd);
	const char *word = strrchr(text, ' ');

	return word ? atoi(word) : 0;
}

static long write_process(int pid)
{
	char path[PATH_SIZE], byte;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int fd = open(path, O_RDWR);

	if (fd < 0)
		return -1;
	/* Opened before it runs, it has no memory yet that could be had. */
	long result = pread(fd, &byte, 1, PROGRAM_START) == 1
			      ? pwrite(fd, &byte, 1, PROGRAM_START)
			      : -1;
	close(fd);
	return result;
}

/*
 * A probe is started by the engine with this process's uid and without its
 * filter, and makes itself non-dumpable: try to be faster, on PROBES of them.
 */
static long write_probe(const struct attempt *a)
{
	int pid = newest_pid(), first = pid;
	bool is_refused = false;

	(void)a;
	/* Where none comes, the tries run out. */
	for (long tries = TRIES; tries && pid < first + PROBES; tries--) {
		if (write_process(pid + 1) >= 0)
			return 0;
		is_refused |= errno == EACCES || errno == EPERM;
		if (tries % 64 == 0 || errno != ENOENT)
			pid = newest_pid();
	}
	need(is_refused ? 0 : -1, "a process beside");
	errno = EACCES;
	return -1;
}

static long set_affinity(const struct attempt *a)
{
	cpu_set_t set;

	(void)a;
	need(sched_getaffinity(1, sizeof(set), &set), "sched_getaffinity");
	return sched_setaffinity(1, sizeof(set), &set);
}

static const struct attempt attempts[] = {
	{ .name = "pid1-mem-read", .run = open_memory, .args = { O_RDONLY } },
	{ .name = "pid1-mem-write", .run = open_memory, .args = { O_RDWR } },
	{ .name = "pid1-process-vm-readv",
	  .run = process_vm,
	  .nr = SYS_process_vm_readv },
	{ .name = "pid1-process-vm-writev",
	  .run = process_vm,
	  .nr = SYS_process_vm_writev },
	{ .name = "pid1-ptrace-attach",
	  .run = trace,
	  .args = { PTRACE_ATTACH } },
	{ .name = "pid1-ptrace-seize", .run = trace, .args = { PTRACE_SEIZE } },
	{ .name = "pid1-pidfd-getfd", .run = getfd },
	{ .name = "pid1-process-madvise", .run = madvise_1 },
	{ .name = "pid1-kcmp",
	  .nr = SYS_kcmp,
	  .args = { 1, 1, KCMP_VM, 0, 0 } },
	{ .name = "pid1-root",
	  .run = open_path,
	  .args = { O_RDONLY },
	  .path = "/proc/1/root/" },
	{ .name = "pid1-fd",
	  .run = open_path,
	  .args = { O_RDONLY },
	  .path = "/proc/1/fd/0" },
	{ .name = "pid1-environ",
	  .run = open_path,
	  .args = { O_RDONLY, 1 },
	  .path = "/proc/1/environ" },
	{ .name = "pid1-maps",
	  .run = open_path,
	  .args = { O_RDONLY, 1 },
	  .path = "/proc/1/maps" },
	{ .name = "pid1-namespace",
	  .run = enter_namespace,
	  .path = "/proc/1/ns/net" },
	{ .name = "pid1-oom-score",
	  .run = open_path,
	  .args = { O_WRONLY },
	  .path = "/proc/1/oom_score_adj" },
	{ .name = "pid1-limits", .run = read_limit },
	{ .name = "probe-mem-write", .run = write_probe },
	{ .name = "pid1-affinity", .run = set_affinity },
};

const struct theme pid1_theme = THEME("pid1", attempts);
