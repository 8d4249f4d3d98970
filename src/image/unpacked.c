#include "image/unpacked.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/scope.h"
#include "image/conf_path.h"
#include "image/libraries.h"
#include "image/look.h"
#include "image/root.h"
#include "image/tree.h"
#include "image/view.h"

/* A descriptor for each file: as many as this process may ask for. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

void unpacked_open(struct unpacked *out)
{
	*out = (struct unpacked){ .look = look_new() };
	raise_limit();
}

void unpacked_close(struct unpacked *unpacked)
{
	for (size_t i = 0; i < unpacked->files.count; i++)
		close(unpacked->files.at[i]);
	free(unpacked->files.at);
	look_free(unpacked->look);
	plan_free(&unpacked->plan);
	*unpacked = (struct unpacked){ 0 };
}

int unpacked_entry(void *of, const struct tar_entry *entry, size_t layer,
		   struct err *err)
{
	struct unpacked *unpacked = of;

	unpacked->begun = 0;
	unpacked->is_kept = false;
	unpacked->is_conf = conf_path_is(entry->path);
	return look_entry(unpacked->look, entry, layer, err);
}

static int begin_file(struct unpacked *unpacked, struct err *err)
{
	int fd = io_scratch(err);

	if (fd < 0 && err->num == EMFILE)
		return err_set(err, 0,
			       "%zu files of programs and libraries, and no "
			       "more descriptors: raise ulimit -n",
			       unpacked->files.count);
	if (fd < 0)
		return -1;
	LIST_ADD(&unpacked->files, fd);
	unpacked->is_kept = true;
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
	if (unpacked->is_kept &&
	    io_write(unpacked->files.at[unpacked->files.count - 1], bytes.at,
		     bytes.len) < 0)
		return err_set(err, errno, "write a scratch file");
	return look_data(unpacked->look, bytes, err);
}

int unpacked_end(void *of, struct buf *notes, struct err *err)
{
	struct unpacked *unpacked = of;

	if (look_end(unpacked->look, notes, err) < 0)
		return -1;
	if (unpacked->is_kept)
		buf_fmt(notes, "kept %zu\n", unpacked->files.count - 1);
	return 0;
}

/* A file that was kept: the plan has it where the image does. */
static int add_file(struct unpacked *unpacked, const char *path,
		    const struct tree_node *node, struct err *err)
{
	auto_buf struct buf name = { 0 };
	struct slice number;
	struct stat st;
	uint32_t n;

	if (!look_note(&number, node->notes, "kept", 0) ||
	    !num_u32(&n, number) || n >= unpacked->files.count)
		return 0;
	buf_fmt(&name, "/proc/self/fd/%d", unpacked->files.at[n]);
	if (fstat(unpacked->files.at[n], &st) < 0)
		return err_set(err, errno, "a scratch file");
	return plan_add(&unpacked->plan,
			&(struct plan_entry){ .path = path,
					      .type = TAR_FILE,
					      .mode = node->mode & 07777,
					      .size = node->size,
					      .from = name.at,
					      .stamp = plan_stamp(&st),
					      .origin = "the image" },
			err);
}

struct hard_link {
	char *path, *target;
};

struct links {
	LIST(struct hard_link) hard;
	LIST(char *) conf; /* of any kind, where configuration is read */
};

static int add_node(struct unpacked *unpacked, struct links *links,
		    const struct tree_node *node, struct err *err)
{
	auto_buf struct buf path = { 0 };

	if (!*node->path)
		return 0;
	buf_fmt(&path, "/%s", node->path);
	if (node->link && conf_path_is(node->path))
		LIST_ADD(&links->conf, mem_text(buf_slice(&path)));
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
			&links->hard,
			(struct hard_link){ mem_text(buf_slice(&path)),
					    mem_text(slice_from(node->link)) });
		return 0;
	default:
		return 0;
	}
}

static int add_links(struct unpacked *unpacked, const struct links *links,
		     struct tree *tree, struct err *err)
{
	for (size_t i = 0; i < links->hard.count; i++) {
		const struct hard_link *link = &links->hard.at[i];
		struct tree_node node;
		int got = tree_find(&node, tree, link->target, err);

		if (got < 0 || (got && node.type == TAR_FILE &&
				add_file(unpacked, link->path, &node, err) < 0))
			return -1;
	}
	return 0;
}

/* Loaders read these at every start. */
static bool is_for_loaders(const char *name)
{
	return strncmp(name, "/etc/ld", strlen("/etc/ld")) == 0;
}

/*
 * A file that is there and was not kept: whoever asks for it fails by that
 * (view_load), and for a program that does not ask it is nothing.
 */
static int add_unread(struct unpacked *unpacked, const struct tree_node *node,
		      struct err *err)
{
	auto_buf struct buf path = { 0 };

	buf_fmt(&path, "/%s", node->path);
	return plan_add(
		&unpacked->plan,
		&(struct plan_entry){ .path = path.at,
				      .type = TAR_FILE,
				      .mode = node->mode & 07777,
				      .size = node->size,
				      /* More than one link may lead here. */
				      .is_implied = true,
				      .origin = "the image" },
		err);
}

/* A hard link to what was not kept is as good as a symbolic one. */
static int add_hard(struct unpacked *unpacked, const char *path,
		    const struct tree_node *target, struct err *err)
{
	auto_buf struct buf from = { 0 }, to = { 0 };

	buf_fmt(&from, "/%s", path);
	buf_fmt(&to, "/%s", target->path);
	return plan_add(&unpacked->plan,
			&(struct plan_entry){ .path = from.at,
					      .type = TAR_SYMLINK,
					      .mode = 0777,
					      .link = to.at,
					      .is_needed = true,
					      .origin = "the image" },
			err);
}

/* What the file that is there by that name says is known, or nothing is. */
static int check_conf(struct unpacked *unpacked, struct tree *tree,
		      const char *name, struct err *err)
{
	auto_buf struct buf path = { 0 };
	struct tree_node node;
	struct slice kept;

	buf_text(&path, name + 1);
	int got = tree_resolve(&node, tree, &path, err);
	bool is_hard = got > 0 && node.type == TAR_HARDLINK;

	if (is_hard) {
		auto_free char *target = mem_text(slice_from(node.link));

		got = tree_find(&node, tree, target, err);
	}
	if (got <= 0 || node.type != TAR_FILE || !node.size ||
	    look_note(&kept, node.notes, "kept", 0))
		return got < 0 ? -1 : 0;
	if (is_for_loaders(name))
		return err_set(err, 0, VIEW_UNREAD, name, node.path);
	if (is_hard && add_hard(unpacked, path.at, &node, err) < 0)
		return -1;
	return add_unread(unpacked, &node, err);
}

static void free_links(struct links *links)
{
	for (size_t i = 0; i < links->hard.count; i++) {
		free(links->hard.at[i].path);
		free(links->hard.at[i].target);
	}
	for (size_t i = 0; i < links->conf.count; i++)
		free(links->conf.at[i]);
	free(links->hard.at);
	free(links->conf.at);
}

int unpacked_plan(struct unpacked *unpacked, struct tree *tree, struct err *err)
{
	struct links links = { .hard = { 0 } };
	struct tree_node node;
	int got = tree_rewind(tree, err);

	if (got == 0)
		while ((got = tree_next_there(&node, tree, err)) > 0)
			if ((got = add_node(unpacked, &links, &node, err)) < 0)
				break;
	if (got == 0)
		got = add_links(unpacked, &links, tree, err);
	for (size_t i = 0; got == 0 && i < links.conf.count; i++)
		got = check_conf(unpacked, tree, links.conf.at[i], err);
	free_links(&links);
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
	if (!got || !found.planned || !found.file.len)
		return err_set(err, 0, "%s: no library of the image", name);
	if (libraries_add(libraries, found.file.at, "--with", err) < 0)
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
	if (!got || !found.planned || !found.file.len)
		return err_set(err, 0, "%s: no program of the image", path);
	request.file = found.file.at;
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
