/* Other users, groups and capabilities, and files that carry them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "escape.h"
#include "tools.h"

enum { SOMEBODY = 65531, MEM_MAJOR = 1, NULL_MINOR = 3 };

static long raise_all(const struct attempt *a)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { { 0 } };

	(void)a;
	need(syscall(SYS_capget, &header, data), "capget");
	data[0].permitted |= 1U << CAP_SYS_ADMIN;
	data[0].effective |= 1U << CAP_SYS_ADMIN;
	return syscall(SYS_capset, &header, data);
}

static long ambient(const struct attempt *a)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { { 0 } };

	(void)a;
	need(syscall(SYS_capget, &header, data), "capget");
	data[0].inheritable |= 1U << CAP_SYS_ADMIN;
	need(syscall(SYS_capset, &header, data), "capset");
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0);
}

/* setfsuid tells the id that was: ask twice. */
static long file_system_uid(const struct attempt *a)
{
	int other = getuid() == 0 ? SOMEBODY : 0;

	(void)a;
	if (syscall(SYS_setfsuid, other) < 0)
		return -1;
	errno = EPERM;
	return syscall(SYS_setfsuid, -1) == other ? 0 : -1;
}

static long make_setuid(const struct attempt *a)
{
	int fd = scratch_file();
	struct stat made;

	if (fchmod(fd, (mode_t)a->args[0]) < 0 || fstat(fd, &made) < 0)
		return -1;
	/* Who may not set the bit loses it without a word. */
	errno = EPERM;
	return made.st_mode & (S_ISUID | S_ISGID) ? 0 : -1;
}

static long give_away(const struct attempt *a)
{
	(void)a;
	return fchown(scratch_file(), getuid() == 0 ? SOMEBODY : 0, (gid_t)-1);
}

static long make_device(const struct attempt *a)
{
	struct stat root;
	dev_t device = makedev(MEM_MAJOR, NULL_MINOR);

	if (a->args[0] == S_IFBLK) {
		need(stat("/", &root), "stat /");
		device = root.st_dev;
	}
	if (mknod("/tmp/escape-device", (mode_t)a->args[0] | 0600, device) < 0)
		return -1;
	return unlink("/tmp/escape-device");
}

static long real_time(const struct attempt *a)
{
	struct sched_param param = { .sched_priority = 1 };

	(void)a;
	/* musl has no such call. */
	return syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param);
}

static const gid_t root_group = 0;

static const struct attempt attempts[] = {
	{ .name = "setuid-0", .nr = SYS_setuid, .args = { 0 } },
	{ .name = "setresuid-0", .nr = SYS_setresuid, .args = { 0, 0, 0 } },
	{ .name = "setreuid-0", .nr = SYS_setreuid, .args = { 0, 0 } },
	{ .name = "setgid-0", .nr = SYS_setgid, .args = { 0 } },
	{ .name = "setgroups-0",
	  .nr = SYS_setgroups,
	  .args = { 1, AT(&root_group) } },
	{ .name = "setfsuid", .run = file_system_uid },
	{ .name = "capset-sys-admin", .run = raise_all },
	{ .name = "ambient-sys-admin", .run = ambient },
	{ .name = "securebits",
	  .nr = SYS_prctl,
	  .args = { PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP } },
	{ .name = "chmod-setuid", .run = make_setuid, .args = { 04755 } },
	{ .name = "chmod-setgid", .run = make_setuid, .args = { 02755 } },
	{ .name = "chown-to-another", .run = give_away },
	{ .name = "mknod-device", .run = make_device, .args = { S_IFCHR } },
	{ .name = "mknod-disk", .run = make_device, .args = { S_IFBLK } },
	{ .name = "scheduler-fifo", .run = real_time },
	{ .name = "nice-minus-20",
	  .nr = SYS_setpriority,
	  .args = { PRIO_PROCESS, 0, -20 } },
	{ .name = "ioprio-real-time",
	  .nr = SYS_ioprio_set,
	  .args = { 1, 0, 1 << 13 } },
};

const struct theme identity_theme = THEME("identity", attempts);
