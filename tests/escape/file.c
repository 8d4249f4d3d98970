/*
 * Files that are the kernel's own: settings, programs that it starts by itself,
 * devices, handles that go around paths. What is written is what was read.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "escape.h"

enum { TEXT_SIZE = 4096 };

static long rewrite(const struct attempt *a)
{
	char text[TEXT_SIZE];
	int in = (int)need(open(a->path, O_RDONLY), a->path);
	ssize_t len = need(read(in, text, sizeof(text)), a->path);
	int out = open(a->path, O_WRONLY);

	return out < 0 ? -1 : write(out, text, (size_t)len);
}

static long open_only(const struct attempt *a)
{
	return open(a->path, (int)a->args[0] | O_NONBLOCK | O_NOCTTY);
}

static long read_some(const struct attempt *a)
{
	char text[TEXT_SIZE];
	int fd = open(a->path, O_RDONLY | O_NONBLOCK);

	return fd < 0 ? -1 : read(fd, text, sizeof(text));
}

/* Everybody may read the names; the addresses are zero for most. */
static long read_addresses(const struct attempt *a)
{
	char address[16];
	int fd = (int)need(open(a->path, O_RDONLY), a->path);

	need(read(fd, address, sizeof(address)), a->path);
	/* The first symbol may well lie at 0: look at the last. */
	for (ssize_t len = 1; len > 0;) {
		char text[TEXT_SIZE];

		len = read(fd, text, sizeof(text));
		if (len > 0 && strstr(text, "\nffffffff"))
			return 0;
	}
	errno = EPERM;
	return -1;
}

static long by_handle(const struct attempt *a)
{
	struct {
		struct file_handle head;
		unsigned char bytes[MAX_HANDLE_SZ];
	} handle = { .head.handle_bytes = MAX_HANDLE_SZ };
	int mount, fd = open("/", O_RDONLY);
	long result = name_to_handle_at(AT_FDCWD, a->path, &handle.head, &mount,
					0);

	if (a->args[0] == 0)
		return result;
	need(result, "name_to_handle_at");
	return open_by_handle_at(fd, &handle.head, O_RDONLY);
}

static long fault_device(const struct attempt *a)
{
	int fd = open(a->path, O_RDWR);

	return fd < 0 ? -1 : ioctl(fd, USERFAULTFD_IOC_NEW, 0);
}

/* Running programs cannot be written; who may try is told so. */
static long open_program(const struct attempt *a)
{
	need(access(a->path, F_OK), a->path);
	return open(a->path, O_WRONLY);
}

#define PROC_SYS "/proc/sys/"

static const struct attempt attempts[] = {
	{ .name = "write-own-program",
	  .run = open_program,
	  .path = "/proc/self/exe",
	  .past = ETXTBSY },
	{ .name = "write-init",
	  .run = open_program,
	  .path = "/init",
	  .past = ETXTBSY },
	{ .name = "write-service-conf",
	  .run = open_program,
	  .path = "/etc/pith/service.conf" },
	{ .name = "write-core-pattern",
	  .run = rewrite,
	  .path = PROC_SYS "kernel/core_pattern" },
	{ .name = "write-modprobe",
	  .run = rewrite,
	  .path = PROC_SYS "kernel/modprobe" },
	{ .name = "write-hotplug",
	  .run = rewrite,
	  .path = "/sys/kernel/uevent_helper" },
	{ .name = "write-poweroff-cmd",
	  .run = rewrite,
	  .path = PROC_SYS "kernel/poweroff_cmd" },
	{ .name = "write-release-agent",
	  .run = rewrite,
	  .path = "/sys/fs/cgroup/memory/release_agent" },
	{ .name = "write-cgroup-subtree",
	  .run = rewrite,
	  .path = "/sys/fs/cgroup/unified/cgroup.subtree_control" },
	{ .name = "write-binfmt-misc",
	  .run = open_only,
	  .args = { O_WRONLY },
	  .path = PROC_SYS "fs/binfmt_misc/register" },
	{ .name = "write-overcommit",
	  .run = rewrite,
	  .path = PROC_SYS "vm/overcommit_memory" },
	{ .name = "write-hostname",
	  .run = rewrite,
	  .path = PROC_SYS "kernel/hostname" },
	{ .name = "write-ns-last-pid",
	  .run = rewrite,
	  .path = PROC_SYS "kernel/ns_last_pid" },
	{ .name = "write-ip-forward",
	  .run = rewrite,
	  .path = PROC_SYS "net/ipv4/ip_forward" },
	{ .name = "open-sysrq-trigger",
	  .run = open_only,
	  .args = { O_WRONLY },
	  .path = "/proc/sysrq-trigger" },
	{ .name = "open-kcore",
	  .run = open_only,
	  .args = { O_RDONLY },
	  .path = "/proc/kcore" },
	{ .name = "open-dev-mem",
	  .run = open_only,
	  .args = { O_RDONLY },
	  .path = "/dev/mem" },
	{ .name = "open-dev-kvm",
	  .run = open_only,
	  .args = { O_RDWR },
	  .path = "/dev/kvm" },
	{ .name = "open-dev-fuse",
	  .run = open_only,
	  .args = { O_RDWR },
	  .path = "/dev/fuse" },
	{ .name = "open-dev-loop",
	  .run = open_only,
	  .args = { O_RDWR },
	  .path = "/dev/loop0" },
	{ .name = "write-dev-kmsg",
	  .run = open_only,
	  .args = { O_WRONLY },
	  .path = "/dev/kmsg" },
	{ .name = "read-dev-kmsg", .run = read_some, .path = "/dev/kmsg" },
	{ .name = "read-kallsyms",
	  .run = read_addresses,
	  .path = "/proc/kallsyms" },
	{ .name = "userfaultfd-device",
	  .run = fault_device,
	  .path = "/dev/userfaultfd" },
	{ .name = "name-to-handle", .run = by_handle, .path = "/app" },
	{ .name = "open-by-handle",
	  .run = by_handle,
	  .args = { 1 },
	  .path = "/app" },
};

const struct theme file_theme = THEME("file", attempts);
