/* Namespaces: new ones, each a world of kernel code, and other people's. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escape.h"

static long clone_with(const struct attempt *a)
{
	pid_t child = (pid_t)syscall(SYS_clone, a->args[0] | SIGCHLD, 0L, 0L,
				     0L, 0L);

	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid(child, NULL, 0);
	return child;
}

static long clone3_with(const struct attempt *a)
{
	struct clone_args args = {
		.flags = (unsigned long)a->args[0],
		.exit_signal = SIGCHLD,
	};
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (child == 0)
		_exit(0);
	if (child > 0)
		waitpid(child, NULL, 0);
	return child;
}

static long enter(const struct attempt *a)
{
	int fd = (int)need(open(a->path, O_RDONLY), a->path);

	return setns(fd, (int)a->args[0]);
}

static long enter_by_pidfd(const struct attempt *a)
{
	int fd = (int)need(syscall(SYS_pidfd_open, getpid(), 0), "pidfd_open");

	(void)a;
	return setns(fd, CLONE_NEWUTS | CLONE_NEWIPC);
}

#define UNSHARE(flag) .nr = SYS_unshare, .args = { flag }

static const struct attempt attempts[] = {
	{ .name = "unshare-user", UNSHARE(CLONE_NEWUSER) },
	{ .name = "unshare-user-net", UNSHARE(CLONE_NEWUSER | CLONE_NEWNET) },
	{ .name = "unshare-mount", UNSHARE(CLONE_NEWNS) },
	{ .name = "unshare-net", UNSHARE(CLONE_NEWNET) },
	{ .name = "unshare-pid", UNSHARE(CLONE_NEWPID) },
	{ .name = "unshare-uts", UNSHARE(CLONE_NEWUTS) },
	{ .name = "unshare-ipc", UNSHARE(CLONE_NEWIPC) },
	{ .name = "unshare-cgroup", UNSHARE(CLONE_NEWCGROUP) },
	{ .name = "unshare-time", UNSHARE(CLONE_NEWTIME) },
	{ .name = "clone-newuser",
	  .run = clone_with,
	  .args = { CLONE_NEWUSER } },
	{ .name = "clone-newuser-newpid",
	  .run = clone_with,
	  .args = { CLONE_NEWUSER | CLONE_NEWPID } },
	{ .name = "clone-newnet", .run = clone_with, .args = { CLONE_NEWNET } },
	{ .name = "clone-newcgroup",
	  .run = clone_with,
	  .args = { CLONE_NEWCGROUP } },
	{ .name = "clone3", .run = clone3_with, .args = { 0 } },
	{ .name = "clone3-newuser",
	  .run = clone3_with,
	  .args = { CLONE_NEWUSER } },
	{ .name = "clone3-newtime",
	  .run = clone3_with,
	  .args = { CLONE_NEWTIME } },
	{ .name = "setns-file", .run = enter, .path = "/proc/self/ns/uts" },
	{ .name = "setns-pidfd", .run = enter_by_pidfd },
};

const struct theme namespace_theme = THEME("namespace", attempts);
