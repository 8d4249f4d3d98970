#include <dirent.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/num.h"
#include "seccomp/trace.h"

enum {
	OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP |
		  PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
		  PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL,
	PATH_SIZE = 64,
};

/*
 * Attach to the threads of the directory that are not yet ours (those fail
 * with EPERM, which is no news). Returns how many there were.
 */
static size_t attach_threads(DIR *threads)
{
	struct dirent *entry;
	size_t count = 0;
	uint32_t tid;

	rewinddir(threads);
	while ((entry = readdir(threads)))
		if (num_u32(&tid, slice_from(entry->d_name)) &&
		    ptrace(PTRACE_SEIZE, tid, 0, OPTIONS) == 0)
			count++;
	return count;
}

int trace_attach(pid_t pid, struct err *err)
{
	char path[PATH_SIZE];

	if (ptrace(PTRACE_SEIZE, pid, 0, OPTIONS) < 0)
		return err_set(err, errno, "trace process %d", (int)pid);
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *threads = opendir(path);

	if (!threads)
		return err_set(err, errno, "%s", path);
	/* One that is not ours yet can make others that are not, meanwhile. */
	while (attach_threads(threads))
		;
	closedir(threads);
	return 0;
}

void trace_add_stops(void)
{
	struct sock_filter trace_all = { BPF_RET | BPF_K, 0, 0,
					 SECCOMP_RET_TRACE };
	struct sock_fprog program = { 1, &trace_all };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		return;
	/*
	 * Without CAP_SYS_ADMIN. What that bit takes away, privilege gained by
	 * execve, the kernel withholds from who is traced anyway.
	 */
	if (errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
