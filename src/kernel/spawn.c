#include "kernel/spawn.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "kernel/call.h"

pid_t spawn_fork(void)
{
	/* The order of the last two differs by machine; both are 0. */
	return (pid_t)kernel_call(
		SYS_clone, CLONE_FILES | CLONE_VFORK | SIGCHLD, 0L, 0L, 0L, 0L);
}

int spawn_exec(const char *path, char *const argv[], char *const envp[],
	       const uint32_t cookie[SPAWN_COOKIE_WORDS])
{
#if defined(__LP64__)
	unsigned long a = cookie[0] | (unsigned long)cookie[1] << 32;
	unsigned long b = cookie[2] | (unsigned long)cookie[3] << 32;

	return (int)kernel_call(SYS_execve, path, argv, envp, 0L, a, b);
#else
	return (int)kernel_call(SYS_execve, path, argv, envp, (long)cookie[0],
				(long)cookie[1], (long)cookie[2]);
#endif
}
