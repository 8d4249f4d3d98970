/*
 * enter [-u UID] ROOT PROGRAM [ARG...]: run PROGRAM as PID 1 of new namespaces
 * (PIDs, mounts, network, hostname, IPC) in the directory ROOT, with the /dev
 * and /sys of this machine, an own /proc, terminals, /tmp and /dev/shm; with -u
 * as that user and group, as an engine would. Nothing else is taken away. Exits
 * as PROGRAM does, with 128 plus the signal that ended it.
 *
 * ROOT is entered by pivot_root: in a chroot the kernel makes no user
 * namespace, and attempts to make one would fail for that reason alone.
 */
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 125, SIGNALLED = 128 };

static void must(long result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "enter: %s: %s\n", what, strerror(errno));
	_exit(FAILED);
}

static const struct {
	const char *from, *to, *type;
	unsigned long flags;
	const char *data;
} mounts[] = {
	{ "/dev", "dev", NULL, MS_BIND | MS_REC, NULL },
	{ "/sys", "sys", NULL, MS_BIND | MS_REC, NULL },
	{ "proc", "proc", "proc", 0, NULL },
	{ "devpts", "dev/pts", "devpts", 0, "ptmxmode=0666,mode=620" },
	{ "tmpfs", "dev/shm", "tmpfs", 0, "mode=1777" },
	{ "tmpfs", "tmp", "tmpfs", 0, "mode=1777" },
};

static void enter_root(const char *root)
{
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private /");
	must(mount(root, root, NULL, MS_BIND, NULL), root);
	must(chdir(root), root);
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].to, 0755);
		must(mount(mounts[i].from, mounts[i].to, mounts[i].type,
			   mounts[i].flags, mounts[i].data),
		     mounts[i].to);
	}
	/* The old root lands on top of the new one, and goes. */
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount");
	must(chdir("/"), "chdir /");
}

static void become(uid_t uid)
{
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(uid, uid, uid), "setresgid");
	must(setresuid(uid, uid, uid), "setresuid");
}

static int wait_for(pid_t child)
{
	int status;

	must(waitpid(child, &status, 0), "wait");
	return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	static const struct rlimit no_core;
	int first = argc > 2 && strcmp(argv[1], "-u") == 0 ? 3 : 1;

	if (argc < first + 2) {
		fprintf(stderr,
			"usage: enter [-u UID] ROOT PROGRAM [ARG...]\n");
		return FAILED;
	}
	must(unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS |
		     CLONE_NEWIPC),
	     "unshare");
	pid_t child = fork();

	must(child, "fork");
	if (child)
		return wait_for(child);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	enter_root(argv[first]);
	if (first == 3)
		become((uid_t)strtoul(argv[2], NULL, 10));
	execv(argv[first + 1], argv + first + 1);
	must(-1, argv[first + 1]);
}
