#include "kernel/process.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kernel/call.h"

/* Zeros: some options refuse a call whose unused arguments are not 0. */
int process_set(int option, unsigned long value)
{
	return (int)kernel_call(SYS_prctl, option, value, 0L, 0L, 0L);
}

int process_set_nice(int nice)
{
	return (int)kernel_call(SYS_setpriority, PRIO_PROCESS, 0, nice);
}

int process_set_oom_score(const char *score)
{
	int fd = (int)kernel_call(SYS_openat, AT_FDCWD,
				  "/proc/self/oom_score_adj",
				  O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ssize_t written = write(fd, score, strlen(score));

	close(fd); /* which leaves errno as it is */
	return written < 0 ? -1 : 0;
}
