#include "kernel/notify.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "kernel/call.h"

/* An address of no more than the family makes the kernel choose the name. */
static int bind_itself(int fd, char name[NOTIFY_NAME_SIZE])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(address);

	if (kernel_call(SYS_bind, fd, &address, sizeof(address.sun_family)) <
		    0 ||
	    kernel_call(SYS_getsockname, fd, &address, &len) < 0)
		return -1;
	memcpy(name, address.sun_path, NOTIFY_NAME_SIZE - 2);
	name[0] = '@';
	name[NOTIFY_NAME_SIZE - 2] = '\0';
	return 0;
}

/* SIGIO by name: only a signal that was chosen comes with its reason. */
static int raise_signals(int fd)
{
	if (kernel_call(SYS_fcntl, fd, F_SETOWN, getpid()) < 0 ||
	    kernel_call(SYS_fcntl, fd, F_SETSIG, SIGIO) < 0)
		return -1;
	return (int)kernel_call(SYS_fcntl, fd, F_SETFL, O_NONBLOCK | O_ASYNC);
}

int notify_open(char name[NOTIFY_NAME_SIZE])
{
	const int on = 1;
	int fd = (int)kernel_call(SYS_socket, AF_UNIX,
				  SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind_itself(fd, name) == 0 && raise_signals(fd) == 0 &&
	    kernel_call(SYS_setsockopt, fd, SOL_SOCKET, SO_PASSCRED, &on,
			sizeof(on)) == 0)
		return fd;
	close(fd);
	return -1;
}

/*
 * There is room for the credentials alone: descriptors that came along do not
 * fit, and the kernel closes them, which is what sd_notify_barrier(3) waits for.
 */
ssize_t notify_receive(int fd, char *buf, size_t cap, pid_t *from)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct ucred sender;
	ssize_t len = kernel_call(SYS_recvmsg, fd, &message, 0);

	if (len < 0)
		return -1;
	*from = 0;
	if (message.msg_controllen >= CMSG_LEN(sizeof(sender))) {
		memcpy(&sender, CMSG_DATA((struct cmsghdr *)(void *)control),
		       sizeof(sender));
		*from = sender.pid;
	}
	return len;
}
