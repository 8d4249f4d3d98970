/*
 * landlock_abi N COMMAND [ARG...]: run COMMAND on a kernel whose Landlock is of
 * ABI N: that number is what it says, and rights, rules and flags of later
 * ABIs are EINVAL, as there; 0 is a kernel that has none. What is left goes on
 * to the real kernel. Exits as COMMAND does.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 125, VERSION = 1, NET_PORT = 2, ABI_NET = 4, ABI_FLAGS = 7 };

/* What each ABI knows: rights on files, on ports, scopes. */
static const uint64_t known[][3] = {
	{ 0 },	       { 0x1fff },    { 0x3fff },	{ 0x7fff },
	{ 0x7fff, 3 }, { 0xffff, 3 }, { 0xffff, 3, 3 }, { 0xffff, 3, 3 },
};

static int fail(const char *what)
{
	fprintf(stderr, "landlock_abi: %s: %s\n", what, strerror(errno));
	_exit(FAILED);
}

static int install(void)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SYS_landlock_create_ruleset,
			 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, SYS_landlock_restrict_self,
			 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(insns) / sizeof(insns[0]), insns };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* errno that a kernel of that ABI would answer, or 0. */
static int judge(int abi, const struct seccomp_notif *call)
{
	const __u64 *args = call->data.args;
	uint64_t handled[3] = { 0 };
	struct iovec to = { handled, sizeof(handled) };
	struct iovec from = { (void *)(uintptr_t)args[0], args[1] };

	if (abi == 0)
		return EOPNOTSUPP;
	if (call->data.nr == SYS_landlock_add_rule)
		return abi < ABI_NET && args[1] == NET_PORT ? EINVAL : 0;
	if (call->data.nr == SYS_landlock_restrict_self)
		return abi < ABI_FLAGS && args[1] ? EINVAL : 0;
	if (process_vm_readv((pid_t)call->pid, &to, 1, &from, 1, 0) < 0)
		return EFAULT;
	for (int i = 0; i < 3; i++)
		if (handled[i] & ~known[abi][i])
			return EINVAL;
	return 0;
}

static void answer(int listener, int abi)
{
	struct seccomp_notif call = { 0 };
	struct seccomp_notif_resp reply = { 0 };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
		return;
	reply.id = call.id;
	reply.error = -judge(abi, &call);
	if (!reply.error && call.data.nr == SYS_landlock_create_ruleset &&
	    call.data.args[2] == VERSION)
		reply.val = abi;
	else if (!reply.error)
		reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
}

static int serve(int listener, int abi, pid_t child)
{
	struct pollfd ready = { .fd = listener, .events = POLLIN };
	int status;

	while (waitpid(child, &status, WNOHANG) == 0)
		if (poll(&ready, 1, 20) > 0 && ready.revents & POLLIN)
			answer(listener, abi);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* One descriptor by a socket; -1 sends none and takes one. */
static int pass(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };

	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
		return sendmsg(socket, &message, 0) < 0 ? fail("send") : 0;
	}
	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0)
		return fail("receive");
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

int main(int argc, char **argv)
{
	int pair[2];
	int abi = argc > 2 ? atoi(argv[1]) : -1;

	if (abi < 0 || abi >= (int)(sizeof(known) / sizeof(known[0]))) {
		fprintf(stderr, "usage: landlock_abi 0..7 COMMAND [ARG...]\n");
		return FAILED;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return fail("socketpair");
	pid_t child = fork();

	if (child < 0)
		return fail("fork");
	if (child > 0) {
		close(pair[1]);
		return serve(pass(pair[0], -1), abi, child);
	}
	/* Root, so that no_new_privs is not needed, which would be inherited. */
	int listener = install();

	if (listener < 0)
		return fail("seccomp");
	pass(pair[1], listener);
	close(listener);
	execvp(argv[2], argv + 2);
	return fail(argv[2]);
}
