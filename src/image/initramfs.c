#include "image/initramfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "data/cpio.h"
#include "image/name.h"
#include "image/reader.h"
#include "image/reader_layer.h"
#include "image/tree.h"

enum { COPY_SIZE = 64 * 1024 };

/* A bit for each entry of a layer, by its place. */
struct bits {
	uint8_t *at;
	size_t cap; /* bytes */
};

struct layer_bits {
	struct bits there;  /* in the end */
	struct bits linked; /* has further names */
	uint32_t first;	    /* the inode number of its first entry */
};

struct initramfs {
	int fd;
	const struct reader *reader;
	const struct reader_image *image;
	struct tree *tree;
	struct layer_bits *layers;
	struct buf made; /* the last directory written */
	uint32_t inos;	 /* given to directories and the console */
};

static void set_bit(struct bits *bits, uint64_t place)
{
	size_t byte = (size_t)(place / 8);

	if (byte >= bits->cap) {
		size_t cap = byte + 1 > 2 * bits->cap ? byte + 1
						      : 2 * bits->cap;

		bits->at = mem_grow(bits->at, cap, 1);
		memset(bits->at + bits->cap, 0, cap - bits->cap);
		bits->cap = cap;
	}
	bits->at[byte] |= (uint8_t)(1U << (place % 8));
}

static bool get_bit(const struct bits *bits, uint64_t place)
{
	return place / 8 < bits->cap &&
	       (bits->at[place / 8] & 1U << (place % 8));
}

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

static bool is_in(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return !len || (strncmp(path, directory, len) == 0 && path[len] == '/');
}

/* The directories above path that have no entry of their own. */
static int put_parents(struct initramfs *out, const char *path, struct err *err)
{
	const char *slash;

	while (out->made.len && !is_in(path, out->made.at)) {
		slash = memrchr(out->made.at, '/', out->made.len);
		out->made.len = slash ? (size_t)(slash - out->made.at) : 0;
		out->made.at[out->made.len] = '\0';
	}
	size_t from = out->made.len ? out->made.len + 1 : 0;

	while ((slash = strchr(path + from, '/'))) {
		out->made.len = 0;
		buf_add(&out->made, path, (size_t)(slash - path));
		if (put_directory(out, out->made.at, NULL, err) < 0)
			return -1;
		from = out->made.len + 1;
	}
	return 0;
}

/* First: all directories, and which entries there are in the end. */
static int put_directories(struct initramfs *out, struct err *err)
{
	struct tree_node node;
	int got = tree_rewind(out->tree, err);

	while (got >= 0 && (got = tree_next_there(&node, out->tree, err)) > 0) {
		if (node.below)
			return err_set(err, 0,
				       "/%s: below what is no directory",
				       node.path);
		set_bit(&out->layers[node.layer].there, node.place);
		if (put_parents(out, node.path, err) < 0)
			return -1;
		if (node.type != TAR_DIR)
			continue;
		if (put_directory(out, node.path, &node, err) < 0)
			return -1;
		out->made.len = 0;
		buf_text(&out->made, node.path);
	}
	return got;
}

/* What is done for each hard link, once its target is known. */
typedef int link_fn(struct initramfs *out, const struct tree_node *target,
		    const char *path, struct err *err);

static int mark_link(struct initramfs *out, const struct tree_node *target,
		     const char *path, struct err *err)
{
	(void)path;
	(void)err;
	set_bit(&out->layers[target->layer].linked, target->place);
	return 0;
}

static int put_link(struct initramfs *out, const struct tree_node *target,
		    const char *path, struct err *err)
{
	const struct cpio_entry entry = {
		.path = path,
		.ino = out->layers[target->layer].first +
		       (uint32_t)target->place,
		.mode = S_IFREG | target->mode,
		.uid = (uint32_t)target->uid,
		.gid = (uint32_t)target->gid,
		.links = 2,
	};

	return put(out, &entry, NULL, err);
}

static int lost_link(const char *path, const char *target, struct err *err)
{
	return err_set(err, 0,
		       "/%s: a hard link to /%s, which was replaced or "
		       "is no file",
		       path, target);
}

/*
 * At each path: who links here, by the records before its own, and then the
 * file. A link is an entry like others, so its bit says if it is there.
 */
static int each_link(struct initramfs *out, link_fn *see, struct err *err)
{
	struct buf wanted = { 0 }; /* names, each with its zero byte */
	auto_buf struct buf at = { 0 };
	struct tree_node node;
	uint16_t lowest = 0;
	int got = tree_rewind(out->tree, err);

	while (got >= 0 && (got = tree_next(&node, out->tree, err)) > 0) {
		bool is_new = !at.at || strcmp(at.at, node.path) != 0;

		if (is_new && wanted.len) {
			got = lost_link(wanted.at, at.at, err);
			break;
		}
		at.len = 0;
		buf_text(&at, node.path);
		if (node.type == TREE_WANTED &&
		    get_bit(&out->layers[node.layer].there, node.place)) {
			lowest = wanted.len && lowest < node.layer ? lowest
								   : node.layer;
			buf_add(&wanted, node.link, strlen(node.link) + 1);
		}
		if (!node.is_there || !wanted.len)
			continue;
		if (node.type != TAR_FILE || node.layer > lowest) {
			got = lost_link(wanted.at, at.at, err);
			break;
		}
		for (size_t i = 0; i < wanted.len && got >= 0;
		     i += strlen(wanted.at + i) + 1)
			got = see(out, &node, wanted.at + i, err);
		wanted.len = 0;
	}
	if (got == 0 && wanted.len)
		got = lost_link(wanted.at, at.at, err);
	buf_free(&wanted);
	return got;
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

static int put_entry(struct initramfs *out, const struct layer_bits *bits,
		     uint64_t place, const struct tar_entry *from,
		     struct tar_reader *tar, struct err *err)
{
	bool is_link = from->type == TAR_SYMLINK;
	auto_buf struct buf path = { 0 };

	name_plain_path(&path, from->path);
	if (from->uid >= UINT32_MAX || from->gid >= UINT32_MAX)
		return err_set(err, 0, "its owner is out of range");
	const struct cpio_entry entry = {
		.path = path.at,
		.ino = bits->first + (uint32_t)place,
		.mode = (is_link ? S_IFLNK : S_IFREG) | from->mode,
		.uid = (uint32_t)from->uid,
		.gid = (uint32_t)from->gid,
		.links = get_bit(&bits->linked, place) ? 2 : 1,
		.size = is_link ? strlen(from->link) : from->size,
	};

	if (put(out, &entry, is_link ? from->link : NULL, err) < 0)
		return -1;
	return is_link ? 0 : copy_data(out, from->size, tar, err);
}

static int put_entries(struct initramfs *out, size_t layer,
		       struct tar_reader *tar, struct err *err)
{
	const struct layer_bits *bits = &out->layers[layer];
	struct tar_entry entry;
	uint64_t place = 0;
	int got;

	for (; (got = tar_next(&entry, tar, err)) > 0; place++) {
		if (!get_bit(&bits->there, place) || entry.type == TAR_DIR ||
		    entry.type == TAR_HARDLINK)
			continue;
		if (entry.type != TAR_FILE && entry.type != TAR_SYMLINK)
			return err_set(err, 0,
				       "%s: entries of type '%c' are refused",
				       entry.path, entry.type);
		if (put_entry(out, bits, place, &entry, tar, err) < 0)
			return err_wrap(err, "%s", entry.path);
	}
	/* The next layer's numbers begin behind this one's. */
	if (layer + 1 < out->image->layer_count)
		out->layers[layer + 1].first = bits->first + (uint32_t)place;
	return got;
}

static int put_layers(struct initramfs *out, struct err *err)
{
	int result = 0;

	out->layers[0].first = out->inos + 1;
	for (size_t i = 0; i < out->image->layer_count && result == 0; i++) {
		struct reader_layer layer;

		if (reader_layer_open(&layer, out->reader,
				      &out->image->layers[i], err) < 0)
			return -1;
		result = put_entries(out, i, &layer.tar, err);
		if (result == 0)
			result = reader_layer_finish(&layer, err);
		reader_layer_close(&layer);
	}
	return result;
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
	if (got == 0 && put_directory(out, "dev", NULL, err) < 0)
		return -1;
	return put(out, &console, NULL, err);
}

static int write_all(struct initramfs *out, struct err *err)
{
	auto_buf struct buf end = { 0 };

	if (put_directories(out, err) < 0 ||
	    each_link(out, mark_link, err) < 0 || put_layers(out, err) < 0 ||
	    each_link(out, put_link, err) < 0 || put_console(out, err) < 0)
		return -1;
	cpio_end(&end);
	if (io_write(out->fd, end.at, end.len) < 0)
		return err_set(err, errno, "write");
	return 0;
}

int initramfs_write(int fd, const struct reader *reader,
		    const struct reader_image *image, struct tree *tree,
		    struct err *err)
{
	struct initramfs out = {
		.fd = fd,
		.reader = reader,
		.image = image,
		.tree = tree,
		.layers = mem_new(image->layer_count + 1, sizeof(*out.layers)),
	};
	int result = write_all(&out, err);

	for (size_t i = 0; i < image->layer_count; i++) {
		free(out.layers[i].there.at);
		free(out.layers[i].linked.at);
	}
	free(out.layers);
	buf_free(&out.made);
	return result;
}
