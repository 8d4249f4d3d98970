/* Mounts and roots, by the old calls and by the new ones. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "escape.h"

enum { OLD_REMOUNT = 32, OLD_BIND = 4096, OLD_MOVE = 8192, LAZILY = 2 };
enum { NR_STATMOUNT = 457, NR_LISTMOUNT = 458 };

/* Undone at once, if done at all. */
static long mount_and_undo(const struct attempt *a)
{
	long result = syscall(SYS_mount, a->args[0], a->args[1], a->args[2],
			      a->args[3], 0L);

	if (result == 0)
		syscall(SYS_umount2, a->args[1], LAZILY);
	return result;
}

static int open_tmpfs(void)
{
	return (int)need(syscall(SYS_fsopen, "tmpfs", 0), "fsopen");
}

static long configure(const struct attempt *a)
{
	(void)a;
	return syscall(SYS_fsconfig, open_tmpfs(), FSCONFIG_CMD_CREATE, NULL,
		       NULL, 0);
}

static long mount_opened(const struct attempt *a)
{
	int fd = open_tmpfs();

	(void)a;
	need(syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0),
	     "fsconfig");
	return syscall(SYS_fsmount, fd, 0, 0);
}

static long move(const struct attempt *a)
{
	int tree = (int)need(
		syscall(SYS_open_tree, AT_FDCWD, "/tmp", OPEN_TREE_CLONE),
		"open_tree");
	long result = syscall(SYS_move_mount, tree, "", AT_FDCWD, "/tmp",
			      MOVE_MOUNT_F_EMPTY_PATH);

	(void)a;
	if (result == 0)
		syscall(SYS_umount2, "/tmp", LAZILY);
	return result;
}

/* Make the root what it is: a change all the same. */
static long set_attributes(const struct attempt *a)
{
	struct mount_attr none = { 0 };

	(void)a;
	return syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, &none,
		       sizeof(none));
}

/* Out of a root by a second one below the working directory. */
static long chroot_out(const struct attempt *a)
{
	struct stat here;

	(void)a;
	mkdir("/tmp/escape-root", 0700);
	need(chdir("/"), "chdir");
	need(stat("/", &here), "stat");
	return chroot("/tmp/escape-root");
}

static long list(const struct attempt *a)
{
	static uint64_t ids[64];
	struct {
		uint32_t size, spare;
		uint64_t id, param, ns;
	} request = { 24, 0, UINT64_MAX, 0, 0 };

	return syscall(a->nr, &request, ids, a->args[0], 0L);
}

static const struct attempt attempts[] = {
	{ .name = "mount-tmpfs",
	  .run = mount_and_undo,
	  .args = { AT("none"), AT("/tmp"), AT("tmpfs"), 0 } },
	{ .name = "mount-proc",
	  .run = mount_and_undo,
	  .args = { AT("none"), AT("/tmp"), AT("proc"), 0 } },
	{ .name = "mount-bind",
	  .run = mount_and_undo,
	  .args = { AT("/"), AT("/tmp"), 0, OLD_BIND } },
	{ .name = "mount-remount",
	  .nr = SYS_mount,
	  .args = { 0, AT("/proc"), 0, OLD_REMOUNT | OLD_BIND } },
	{ .name = "mount-move",
	  .nr = SYS_mount,
	  .args = { AT("/tmp"), AT("/tmp"), 0, OLD_MOVE },
	  .past = ELOOP },
	{ .name = "umount",
	  .nr = SYS_umount2,
	  .args = { AT("/app"), 0 },
	  .past = EINVAL },
	{ .name = "fsopen", .nr = SYS_fsopen, .args = { AT("tmpfs"), 0 } },
	{ .name = "fsconfig", .run = configure },
	{ .name = "fsmount", .run = mount_opened },
	{ .name = "fspick",
	  .nr = SYS_fspick,
	  .args = { AT_FDCWD, AT("/proc"), 0 } },
	{ .name = "open-tree",
	  .nr = SYS_open_tree,
	  .args = { AT_FDCWD, AT("/"), 0 } },
	{ .name = "open-tree-clone",
	  .nr = SYS_open_tree,
	  .args = { AT_FDCWD, AT("/tmp"), OPEN_TREE_CLONE } },
	{ .name = "move-mount", .run = move },
	{ .name = "mount-setattr", .run = set_attributes },
	{ .name = "pivot-root",
	  .nr = SYS_pivot_root,
	  .args = { AT("/"), AT("/") },
	  .past = EBUSY },
	{ .name = "chroot", .run = chroot_out },
	{ .name = "listmount",
	  .run = list,
	  .nr = NR_LISTMOUNT,
	  .args = { 64 } },
	{ .name = "statmount",
	  .run = list,
	  .nr = NR_STATMOUNT,
	  .args = { 512 },
	  .past = ENOENT },
};

const struct theme mount_theme = THEME("mount", attempts);
