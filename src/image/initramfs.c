#include "image/initramfs.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "data/cpio.h"
#include "image/merge.h"
#include "image/reader.h"
#include "image/tree.h"

enum { COPY_SIZE = 64 * 1024 };

struct initramfs {
	int fd;
	const struct initramfs_to *to;
	struct tree *tree;
	uint32_t inos; /* given to directories */
};

static int put(struct initramfs *out, const struct cpio_entry *entry,
	       const char *data, struct err *err)
{
	auto_buf struct buf bytes = { 0 };

	if (cpio_header(&bytes, entry, err) < 0)
		return -1;
	if (data) {
		buf_add(&bytes, data, (size_t)entry->size);
		buf_add(&bytes, "\0\0\0", cpio_padding(entry->size));
	}
	if (io_write(out->fd, bytes.at, bytes.len) < 0)
		return err_set(err, errno, "write");
	return 0;
}

/* The numbers fit, or the format would store others. */
static int check_owner(const struct tree_node *node, struct err *err)
{
	if (node->uid < UINT32_MAX && node->gid < UINT32_MAX)
		return 0;
	return err_set(err, 0, "/%s: its owner is out of range", node->path);
}

static int put_directory(struct initramfs *out, const char *path,
			 const struct tree_node *node, struct err *err)
{
	struct cpio_entry entry = { .path = *path ? path : ".",
				    .ino = ++out->inos,
				    .mode = S_IFDIR | 0755,
				    .links = 2 };

	if (node) {
		if (check_owner(node, err) < 0)
			return -1;
		entry.mode = S_IFDIR | node->mode;
		entry.uid = (uint32_t)node->uid;
		entry.gid = (uint32_t)node->gid;
	}
	return put(out, &entry, NULL, err);
}

static int sink_directory(void *to, const char *path,
			  const struct tree_node *node, struct err *err)
{
	return put_directory(to, path, node, err);
}

/* Files are numbered behind the directories, all of which come before. */
static int sink_link(void *to, const char *path, const struct tree_node *target,
		     uint64_t number, struct err *err)
{
	struct initramfs *out = to;
	const struct cpio_entry entry = {
		.path = path,
		.ino = out->inos + 1 + (uint32_t)number,
		.mode = S_IFREG | target->mode,
		.uid = (uint32_t)target->uid,
		.gid = (uint32_t)target->gid,
		.links = 2,
	};

	return put(out, &entry, NULL, err);
}

static int copy_data(struct initramfs *out, uint64_t size,
		     struct tar_reader *tar, struct err *err)
{
	char chunk[COPY_SIZE];
	ssize_t n;

	while ((n = tar_data(chunk, sizeof(chunk), tar, err)) > 0)
		if (io_write(out->fd, chunk, (size_t)n) < 0)
			return err_set(err, errno, "write");
	if (n == 0 && io_write(out->fd, "\0\0\0", cpio_padding(size)) < 0)
		return err_set(err, errno, "write");
	return (int)n;
}

static void tell_lost(const struct initramfs *out,
		      const struct merge_entry *what)
{
	for (size_t i = 0; i < what->tar->xattr_count; i++) {
		auto_buf struct buf name = { 0 };

		buf_fmt(&name, "%.*s", SLICE_ARGS(what->tar->xattrs[i].name));
		out->to->lost(what->path, name.at);
	}
}

static int sink_entry(void *to, const struct merge_entry *what,
		      struct tar_reader *tar, struct err *err)
{
	const struct tar_entry *from = what->tar;
	bool is_link = from->type == TAR_SYMLINK;
	struct initramfs *out = to;

	if (from->type != TAR_FILE && !is_link)
		return err_set(err, 0, "entries of type '%c' are refused",
			       from->type);
	if (from->uid >= UINT32_MAX || from->gid >= UINT32_MAX)
		return err_set(err, 0, "its owner is out of range");
	const struct cpio_entry entry = {
		.path = what->path,
		.ino = out->inos + 1 + (uint32_t)what->number,
		.mode = (is_link ? S_IFLNK : S_IFREG) | from->mode,
		.uid = (uint32_t)from->uid,
		.gid = (uint32_t)from->gid,
		.links = what->has_links ? 2 : 1,
		.size = is_link ? strlen(from->link) : from->size,
	};

	tell_lost(out, what);
	if (put(out, &entry, is_link ? from->link : NULL, err) < 0)
		return -1;
	return is_link ? 0 : copy_data(out, from->size, tar, err);
}

static int put_console(struct initramfs *out, struct err *err)
{
	static const struct cpio_entry console = {
		.path = "dev/console",
		/* Behind all others: they count up from one. */
		.ino = UINT32_MAX,
		.mode = S_IFCHR | 0600,
		.links = 1,
		.major = 5,
		.minor = 1,
	};
	struct tree_node node;
	int got = tree_find(&node, out->tree, "dev/console", err);

	if (got != 0)
		return got < 0 ? -1 : 0;
	got = tree_find(&node, out->tree, "dev", err);
	if (got < 0)
		return -1;
	if (got > 0 && node.type != TAR_DIR)
		return err_set(err, 0, "/dev: no directory");
	/* The files' numbers begin where the directories' end. */
	out->inos = UINT32_MAX - 2;
	if (got == 0 && put_directory(out, "dev", NULL, err) < 0)
		return -1;
	return put(out, &console, NULL, err);
}

int initramfs_write(const struct initramfs_to *to, const struct reader *reader,
		    const struct reader_image *image, struct tree *tree,
		    struct err *err)
{
	struct initramfs out = { .fd = to->fd, .to = to, .tree = tree };
	const struct merge_sink sink = { &out, sink_directory, sink_entry,
					 sink_link };
	auto_buf struct buf end = { 0 };

	if (merge_layers(&sink, reader, image, tree, err) < 0 ||
	    put_console(&out, err) < 0)
		return -1;
	cpio_end(&end);
	if (io_write(to->fd, end.at, end.len) < 0)
		return err_set(err, errno, "write");
	return 0;
}
