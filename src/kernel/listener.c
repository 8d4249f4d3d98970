#include "kernel/listener.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fmt.h"
#include "kernel/call.h"
#include "kernel/file.h"

_Static_assert(sizeof(struct listener_call) == sizeof(struct seccomp_notif),
	       "the kernel's own");

int listener_receive(int fd, struct listener_call *call)
{
	/* The kernel refuses to write over anything but zeros. */
	*call = (struct listener_call){ 0 };
	return (int)kernel_call(SYS_ioctl, fd, SECCOMP_IOCTL_NOTIF_RECV, call);
}

bool listener_is_valid(int fd, const struct listener_call *call)
{
	return kernel_call(SYS_ioctl, fd, SECCOMP_IOCTL_NOTIF_ID_VALID,
			   &call->id) == 0;
}

void listener_answer(int fd, const struct listener_call *call, int error)
{
	struct seccomp_notif_resp answer = {
		.id = call->id,
		.error = -error,
		.flags = error ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	/* Where that fails there is nobody left to be told, */
	if (kernel_call(SYS_ioctl, fd, SECCOMP_IOCTL_NOTIF_SEND, &answer) ==
		    0 ||
	    error)
		return;
	/* or the flag is unknown, and who called would wait for ever. */
	answer.error = -EPERM;
	answer.flags = 0;
	kernel_call(SYS_ioctl, fd, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

/*
 * By the file: process_vm_readv(2) is no call that every engine's filter allows
 * (docker's of Debian 12 does not).
 */
ssize_t listener_peek(char *out, size_t cap, pid_t pid, uint64_t address)
{
	char path[24];
	ssize_t len = -1;

	fmt(path, sizeof(path), "/proc/%d/mem", pid);
	int fd = file_open_now(path);

	if (fd < 0)
		return -1;
	if (lseek(fd, (off_t)address, SEEK_SET) >= 0)
		len = read(fd, out, cap);
	close(fd);
	return len;
}
