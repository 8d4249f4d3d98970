#include "image/unpacked.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/scope.h"
#include "image/libraries.h"
#include "image/look.h"
#include "image/root.h"
#include "image/tree.h"
#include "image/view.h"

static void name_file(struct buf *out, const struct unpacked *unpacked,
		      size_t number)
{
	buf_fmt(out, "%s/%zu", unpacked->directory, number);
}

int unpacked_open(struct unpacked *out, struct err *err)
{
	const char *parent = getenv("TMPDIR");
	auto_free char *path = NULL;

	*out = (struct unpacked){ .fd = -1, .look = look_new() };
	if (!parent || *parent != '/')
		parent = "/tmp";
	if (asprintf(&path, "%s/pith-XXXXXX", parent) < 0 || !mkdtemp(path))
		return err_set(err, errno, "a scratch directory in %s", parent);
	out->directory = steal_ptr(&path);
	return 0;
}

void unpacked_close(struct unpacked *unpacked)
{
	for (size_t i = 0; i < unpacked->count; i++) {
		auto_buf struct buf name = { 0 };

		name_file(&name, unpacked, i);
		unlink(name.at);
	}
	if (unpacked->fd >= 0)
		close(unpacked->fd);
	if (unpacked->directory)
		rmdir(unpacked->directory);
	free(unpacked->directory);
	look_free(unpacked->look);
	plan_free(&unpacked->plan);
	*unpacked = (struct unpacked){ .fd = -1 };
}

/* What ld.so(8) reads, and musl's. */
static bool is_conf(const char *path)
{
	while (*path == '/' || strncmp(path, "./", 2) == 0)
		path += *path == '/' ? 1 : 2;
	return strncmp(path, "etc/ld.so.conf", 14) == 0 ||
	       strncmp(path, "etc/ld-musl-", 12) == 0;
}

int unpacked_entry(void *of, const struct tar_entry *entry, size_t layer,
		   struct err *err)
{
	struct unpacked *unpacked = of;

	unpacked->begun = 0;
	unpacked->is_conf = is_conf(entry->path);
	return look_entry(unpacked->look, entry, layer, err);
}

static int begin_file(struct unpacked *unpacked, struct err *err)
{
	auto_buf struct buf name = { 0 };

	name_file(&name, unpacked, unpacked->count);
	unpacked->fd = open(name.at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			    0600);
	if (unpacked->fd < 0)
		return err_set(err, errno, "%s", name.at);
	unpacked->count++;
	return 0;
}

int unpacked_data(void *of, struct slice bytes, struct err *err)
{
	struct unpacked *unpacked = of;

	/* A file whose first piece is shorter than that is none. */
	if (!unpacked->begun &&
	    (unpacked->is_conf || slice_has_prefix(bytes, ELFMAG)) &&
	    begin_file(unpacked, err) < 0)
		return -1;
	unpacked->begun += bytes.len;
	if (unpacked->fd >= 0 &&
	    io_write(unpacked->fd, bytes.at, bytes.len) < 0)
		return err_set(err, errno, "write in %s", unpacked->directory);
	return look_data(unpacked->look, bytes, err);
}

int unpacked_end(void *of, struct buf *notes, struct err *err)
{
	struct unpacked *unpacked = of;

	if (look_end(unpacked->look, notes, err) < 0)
		return -1;
	if (unpacked->fd < 0)
		return 0;
	buf_fmt(notes, "kept %zu\n", unpacked->count - 1);
	int result = close(unpacked->fd);

	unpacked->fd = -1;
	return result < 0
		       ? err_set(err, errno, "write in %s", unpacked->directory)
		       : 0;
}

/* A file that was kept: the plan has it where the image does. */
static int add_file(struct unpacked *unpacked, const char *path,
		    const struct tree_node *node, struct err *err)
{
	auto_buf struct buf name = { 0 };
	struct slice number;
	struct stat st;
	uint32_t n;

	if (!look_note(&number, node->notes, "kept", 0) || !num_u32(&n, number))
		return 0;
	name_file(&name, unpacked, n);
	if (stat(name.at, &st) < 0)
		return err_set(err, errno, "%s", name.at);
	return plan_add(&unpacked->plan,
			&(struct plan_entry){ .path = path,
					      .type = TAR_FILE,
					      .mode = node->mode & 07777,
					      .size = node->size,
					      .file = name.at,
					      .stamp = plan_stamp(&st),
					      .origin = "the image" },
			err);
}

struct hard_link {
	char *path, *target;
};

struct hard_links {
	LIST(struct hard_link) all;
};

static int add_node(struct unpacked *unpacked, struct hard_links *links,
		    const struct tree_node *node, struct err *err)
{
	auto_buf struct buf path = { 0 };

	if (!*node->path)
		return 0;
	buf_fmt(&path, "/%s", node->path);
	switch (node->type) {
	case TAR_DIR:
		return plan_add_dir(&unpacked->plan, path.at, 0755, err);
	case TAR_SYMLINK:
		return plan_add_symlink(&unpacked->plan, path.at, node->link,
					err);
	case TAR_FILE:
		return add_file(unpacked, path.at, node, err);
	case TAR_HARDLINK:
		LIST_ADD(
			&links->all,
			(struct hard_link){ mem_text(buf_slice(&path)),
					    mem_text(slice_from(node->link)) });
		return 0;
	default:
		return 0;
	}
}

static int add_links(struct unpacked *unpacked, const struct hard_links *links,
		     struct tree *tree, struct err *err)
{
	for (size_t i = 0; i < links->all.count; i++) {
		struct tree_node node;
		int got = tree_find(&node, tree, links->all.at[i].target, err);

		if (got < 0 ||
		    (got && node.type == TAR_FILE &&
		     add_file(unpacked, links->all.at[i].path, &node, err) < 0))
			return -1;
	}
	return 0;
}

int unpacked_plan(struct unpacked *unpacked, struct tree *tree, struct err *err)
{
	struct hard_links links = { .all = { 0 } };
	struct tree_node node;
	int got = tree_rewind(tree, err);

	if (got == 0)
		while ((got = tree_next_there(&node, tree, err)) > 0)
			if ((got = add_node(unpacked, &links, &node, err)) < 0)
				break;
	if (got == 0)
		got = add_links(unpacked, &links, tree, err);
	for (size_t i = 0; i < links.all.count; i++) {
		free(links.all.at[i].path);
		free(links.all.at[i].target);
	}
	free(links.all.at);
	return got < 0 ? -1 : plan_finish(&unpacked->plan, err);
}

/* By soname; or by a path, which is the image's too, and not this machine's. */
static int add_library(struct libraries *libraries, const struct view *view,
		       const char *name, struct err *err)
{
	auto_view_file struct view_file found = { 0 };
	size_t before = libraries->files.count;
	struct library *file;
	int got;

	if (!strchr(name, '/'))
		return libraries_add(libraries, name, "--with", err);
	got = view_find(&found, view, name, err);
	if (got < 0)
		return -1;
	if (!got || !found.planned || !found.planned->file)
		return err_set(err, 0, "%s: no library of the image", name);
	if (libraries_add(libraries, found.planned->file, "--with", err) < 0)
		return -1;
	if (libraries->files.count == before)
		return 0;
	file = &libraries->files.at[before];
	char *path = mem_text(slice_from(name));

	if (file->name == file->path)
		file->name = path;
	free(file->path);
	file->path = path;
	return 0;
}

static int open_found(struct libraries *out, const struct view *view,
		      const char *path, const char *const *with,
		      size_t with_count, struct err *err)
{
	auto_view_file struct view_file found = { 0 };
	struct libraries_request request = { .view = view, .path = path };
	int got = view_find(&found, view, path, err);

	if (got < 0)
		return -1;
	if (!got || !found.planned || !found.planned->file)
		return err_set(err, 0, "%s: no program of the image", path);
	request.file = found.planned->file;
	if (libraries_open(out, &request, err) < 0)
		return -1;
	for (size_t i = 0; i < with_count; i++)
		if (add_library(out, view, with[i], err) < 0) {
			libraries_close(out);
			return -1;
		}
	return 0;
}

int unpacked_find(struct libraries *out, const struct unpacked *unpacked,
		  const char *path, const char *const *with, size_t with_count,
		  struct err *err)
{
	auto_root struct root root = { .fd = -1 };
	const struct view view = { &root, &unpacked->plan,
				   .is_plan_only = true };

	*out = (struct libraries){ 0 };
	if (root_open(&root, "/", err) < 0)
		return -1;
	return open_found(out, &view, path, with, with_count, err);
}
