#include "image/diff.h"

#include <string.h>

#include "image/name.h"
#include "image/tree.h"

static const char *type_name(char type)
{
	switch (type) {
	case TAR_FILE:
		return "file";
	case TAR_HARDLINK:
		return "hard link";
	case TAR_SYMLINK:
		return "symbolic link";
	case TAR_DIR:
		return "directory";
	case TAR_CHARDEV:
		return "character device";
	case TAR_BLOCKDEV:
		return "block device";
	case TAR_FIFO:
		return "pipe";
	default:
		return "entry of unknown type";
	}
}

static void print_mode(struct buf *out, const struct tree_node *node)
{
	buf_fmt(out, "0%o", node->mode);
}

static void print_owner(struct buf *out, const struct tree_node *node)
{
	buf_fmt(out, "%llu:%llu", (unsigned long long)node->uid,
		(unsigned long long)node->gid);
}

static void print_content(struct buf *out, const struct tree_node *node)
{
	if (node->type == TAR_FILE)
		buf_fmt(out, "%llu bytes, %s", (unsigned long long)node->size,
			node->content.text);
}

static void print_link(struct buf *out, const struct tree_node *node)
{
	buf_text(out, node->link);
}

static void print_xattrs(struct buf *out, const struct tree_node *node)
{
	buf_text(out, node->xattrs);
}

static const struct field {
	const char *name;
	void (*print)(struct buf *out, const struct tree_node *node);
} fields[] = {
	{ "mode", print_mode },	      { "owner", print_owner },
	{ "content", print_content }, { "link", print_link },
	{ "xattrs", print_xattrs },
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* "file, mode 0755, owner 0:0, content 5 bytes, ..." */
static void describe(struct buf *out, const struct tree_node *node)
{
	buf_text(out, type_name(node->type));
	for (size_t i = 0; i < FIELDS; i++) {
		auto_buf struct buf text = { 0 };

		fields[i].print(&text, node);
		if (!text.len)
			continue;
		buf_fmt(out, ", %s ", fields[i].name);
		buf_add(out, text.at, text.len);
	}
}

static void tell(const struct diff_sink *sink, const struct tree_node *node,
		 const char *field, const char *a, const char *b)
{
	auto_buf struct buf path = { 0 };

	buf_text(&path, "/");
	buf_text(&path, node->path);
	sink->tell(sink->to,
		   &(struct diff_change){ "file", path.at, field, a, b });
}

static void tell_alone(const struct diff_sink *sink, const struct tree_node *a,
		       const struct tree_node *b)
{
	auto_buf struct buf text = { 0 };

	describe(&text, a ? a : b);
	tell(sink, a ? a : b, "", a ? text.at : NULL, b ? text.at : NULL);
}

static void compare(const struct diff_sink *sink, const struct tree_node *a,
		    const struct tree_node *b)
{
	if (a->type != b->type) {
		tell(sink, a, "type", type_name(a->type), type_name(b->type));
		return;
	}
	for (size_t i = 0; i < FIELDS; i++) {
		auto_buf struct buf x = { 0 }, y = { 0 };

		fields[i].print(&x, a);
		fields[i].print(&y, b);
		if (strcmp(buf_slice(&x).at, buf_slice(&y).at) != 0)
			tell(sink, a, fields[i].name, buf_slice(&x).at,
			     buf_slice(&y).at);
	}
}

/* One of the trees, at its next node. */
struct side {
	struct tree *tree;
	struct tree_node node;
	int got; /* as tree_next: 1, 0 behind the last, -1 */
};

static void step(struct side *side, struct err *err)
{
	side->got = tree_next_there(&side->node, side->tree, err);
}

int diff_trees(const struct diff_sink *sink, struct tree *a, struct tree *b,
	       struct err *err)
{
	struct side x = { .tree = a };
	struct side y = { .tree = b };

	if (tree_rewind(a, err) < 0 || tree_rewind(b, err) < 0)
		return -1;
	step(&x, err);
	if (x.got >= 0)
		step(&y, err);
	while (x.got >= 0 && y.got >= 0 && (x.got || y.got)) {
		int order = !y.got   ? -1
			    : !x.got ? 1
				     : name_compare_paths(x.node.path,
							  y.node.path);

		if (order == 0)
			compare(sink, &x.node, &y.node);
		else
			tell_alone(sink, order < 0 ? &x.node : NULL,
				   order < 0 ? NULL : &y.node);
		if (order <= 0)
			step(&x, err);
		if (order >= 0 && x.got >= 0)
			step(&y, err);
	}
	return x.got < 0 || y.got < 0 ? -1 : 0;
}
