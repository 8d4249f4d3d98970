/*
 * enter [-u UID] [-n] [-p] ROOT PROGRAM [ARG...]: run PROGRAM as PID 1 of new
 * namespaces (PIDs, mounts, network, hostname, IPC) in the directory ROOT, with
 * the /dev and /sys of this machine, an own /proc, terminals, /tmp and /dev/shm;
 * with -u as that user and group, as an engine would; with -n in the network of
 * this machine. Nothing else is taken away. With -p, while PROGRAM runs, a probe
 * (/init --probe) is started beside it again and again, as the same user.
 * SIGTERM is passed on. Exits as PROGRAM does, with 128 plus the signal that
 * ended it.
 *
 * ROOT is entered by pivot_root: in a chroot the kernel makes no user
 * namespace, and attempts to make one would fail for that reason alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
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

/* uid: (uid_t)-1 leaves it as it is. */
static void become(uid_t uid)
{
	if (uid == (uid_t)-1)
		return;
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(uid, uid, uid), "setresgid");
	must(setresuid(uid, uid, uid), "setresuid");
}

/*
 * pivot_root moved this process into the new root as well, and its children
 * are born into the new PID namespace.
 */
static void probe(uid_t uid)
{
	pid_t child = fork();

	if (child > 0)
		waitpid(child, NULL, 0);
	if (child)
		return;
	become(uid);
	dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
	execl("/init", "/init", "--probe", "tcp://127.0.0.1:1", NULL);
	_exit(FAILED);
}

static pid_t main_child;

static void pass_on(int sig)
{
	kill(main_child, sig);
}

static int wait_for(pid_t child, bool probes, uid_t uid)
{
	int status;

	main_child = child;
	signal(SIGTERM, pass_on);
	while (probes && waitpid(child, &status, WNOHANG) == 0)
		probe(uid);
	if (!probes)
		must(waitpid(child, &status, 0), "wait");
	return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: enter [-u UID] [-n] [-p] ROOT PROGRAM [ARG...]\n");
	return FAILED;
}

int main(int argc, char **argv)
{
	static const struct rlimit no_core;
	uid_t uid = (uid_t)-1;
	bool probes = false;
	int network = CLONE_NEWNET;
	int option;

	while ((option = getopt(argc, argv, "+u:np")) >= 0)
		if (option == 'u')
			uid = (uid_t)strtoul(optarg, NULL, 10);
		else if (option == 'n')
			network = 0;
		else if (option == 'p')
			probes = true;
		else
			return usage();
	if (argc < optind + 2)
		return usage();
	must(unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
		     network),
	     "unshare");
	setrlimit(RLIMIT_CORE, &no_core);
	pid_t child = fork();

	must(child, "fork");
	if (child)
		return wait_for(child, probes, uid);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	enter_root(argv[optind]);
	become(uid);
	execv(argv[optind + 1], argv + optind + 1);
	must(-1, argv[optind + 1]);
}
