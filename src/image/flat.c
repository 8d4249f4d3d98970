#include "image/flat.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/tar.h"
#include "image/merge.h"
#include "image/tree.h"

enum { COPY_SIZE = 64 * 1024 };

static int put_header(const struct flat_out *out, const struct tar_entry *entry,
		      struct err *err)
{
	auto_buf struct buf header = { 0 };

	if (tar_header(&header, entry, err) < 0)
		return -1;
	return out->put(out->to, header.at, header.len, err);
}

static int put_zeros(const struct flat_out *out, size_t len, struct err *err)
{
	static const char zeros[2 * TAR_BLOCK];

	return len ? out->put(out->to, zeros, len, err) : 0;
}

/* "etc/", and "./" for the root. */
static int put_directory(void *to, const char *path,
			 const struct tree_node *node, struct err *err)
{
	const struct flat_out *out = to;
	auto_buf struct buf name = { 0 };
	struct tar_entry entry = { .type = TAR_DIR, .link = "", .mode = 0755 };

	buf_text(&name, *path ? path : ".");
	buf_text(&name, "/");
	entry.path = name.at;
	if (node) {
		entry.mode = node->mode;
		entry.uid = node->uid;
		entry.gid = node->gid;
		entry.mtime = node->mtime;
	}
	return put_header(out, &entry, err);
}

static int compare_xattrs(const void *a, const void *b)
{
	const struct tar_xattr *x = a;
	const struct tar_xattr *y = b;
	size_t len = x->name.len < y->name.len ? x->name.len : y->name.len;
	int order = memcmp(x->name.at, y->name.at, len);

	return order ? order
		     : (x->name.len > y->name.len) -
			       (x->name.len < y->name.len);
}

static int copy_data(const struct flat_out *out, uint64_t size,
		     struct tar_reader *tar, struct err *err)
{
	char chunk[COPY_SIZE];
	ssize_t n;

	while ((n = tar_data(chunk, sizeof(chunk), tar, err)) > 0)
		if (out->put(out->to, chunk, (size_t)n, err) < 0)
			return -1;
	return n < 0 ? -1 : put_zeros(out, tar_padding(size), err);
}

static int put_entry(void *to, const struct merge_entry *what,
		     struct tar_reader *tar, struct err *err)
{
	const struct flat_out *out = to;
	struct tar_entry entry = *what->tar;

	if (entry.type != TAR_FILE && entry.type != TAR_SYMLINK)
		return err_set(err, 0, "entries of type '%c' are refused",
			       entry.type);
	entry.path = what->path;
	qsort(entry.xattrs, entry.xattr_count, sizeof(entry.xattrs[0]),
	      compare_xattrs);
	if (put_header(out, &entry, err) < 0)
		return -1;
	return entry.type == TAR_FILE ? copy_data(out, entry.size, tar, err)
				      : 0;
}

static int put_link(void *to, const char *path, const struct tree_node *target,
		    uint64_t number, struct err *err)
{
	(void)number;
	return put_header(to,
			  &(struct tar_entry){ .type = TAR_HARDLINK,
					       .path = path,
					       .link = target->path,
					       .mode = target->mode,
					       .uid = target->uid,
					       .gid = target->gid,
					       .mtime = target->mtime },
			  err);
}

int flat_write(const struct flat_out *out, const struct reader *reader,
	       const struct reader_image *image, struct tree *tree,
	       struct err *err)
{
	struct flat_out own = *out;
	const struct merge_sink sink = { &own, put_directory, put_entry,
					 put_link };

	if (merge_layers(&sink, reader, image, tree, err) < 0)
		return -1;
	return put_zeros(out, 2 * TAR_BLOCK, err);
}
