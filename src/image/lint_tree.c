/* Rules about the tree: one pass over all that the layers hold. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "image/accounts.h"
#include "image/lint_pass.h"
#include "image/look.h"
#include "image/name.h"
#include "image/tree_work.h"

enum { NOBODY = -1 };

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void set_text(struct buf *to, const char *text)
{
	to->len = 0;
	buf_text(to, text);
}

static void check_rights(struct lint *lint, const struct tree_node *node)
{
	bool is_file = node->type == TAR_FILE;

	if (is_file && node->mode & 04000)
		lint_find_path(lint, LINT_SETUID, node->path,
			       "mode 0%o, owner %llu", node->mode,
			       (unsigned long long)node->uid);
	if (is_file && node->mode & 02000)
		lint_find_path(lint, LINT_SETGID, node->path,
			       "mode 0%o, group %llu", node->mode,
			       (unsigned long long)node->gid);
	if (strstr(node->xattrs, "security.capability="))
		lint_find_path(lint, LINT_FILE_CAPABILITY, node->path, "%s",
			       node->xattrs);
	if (node->mode & 0002 &&
	    (is_file || (node->type == TAR_DIR && !(node->mode & 01000))))
		lint_find_path(lint, LINT_WORLD_WRITABLE, node->path,
			       "mode 0%o", node->mode);
	if (strcmp(node->path, "tmp") == 0 && node->type == TAR_DIR &&
	    node->mode != 01777)
		lint_find_path(lint, LINT_TMP_MODE, node->path, "mode 0%o",
			       node->mode);
}

static void check_owner(struct lint *lint, const struct tree_node *node)
{
	const struct scan_file *passwd = &lint->scan.passwd;

	if (!node->uid || !passwd->is_there ||
	    (node->uid < UINT32_MAX &&
	     accounts_has(buf_slice(&passwd->bytes).at, (uint32_t)node->uid)))
		return;
	lint_find_path(lint, LINT_OWNER_UNKNOWN, node->path, "uid %llu",
		       (unsigned long long)node->uid);
}

static void check_kind(struct lint *lint, const struct tree_node *node)
{
	auto_buf struct buf target = { 0 };
	const char *slash = strrchr(node->path, '/');

	if (node->type == TAR_CHARDEV || node->type == TAR_BLOCKDEV ||
	    node->type == TAR_FIFO)
		lint_find_path(lint, LINT_DEVICE_NODE, node->path,
			       "of tar's type '%c'", node->type);
	if (node->type != TAR_SYMLINK || node->link[0] == '/')
		return;
	if (slash)
		buf_add(&target, node->path, (size_t)(slash - node->path) + 1);
	buf_text(&target, node->link);
	if (!tree_fold(&target))
		lint_find_path(lint, LINT_LINK_ESCAPES, node->path,
			       "leads to %s", node->link);
}

static void note_need(struct lint *lint, struct slice name, const char *by,
		      bool is_path)
{
	struct lint_facts *facts = &lint->facts;

	for (size_t i = 0; i < facts->need_count; i++)
		if (slice_eq(name, facts->needs[i].name))
			return;
	if (facts->need_count < LINT_NEEDS_MAX)
		facts->needs[facts->need_count++] = (struct lint_need){
			mem_text(name), mem_text(slice_from(by)), is_path
		};
}

static void note_needs(struct lint *lint, const struct tree_node *node)
{
	struct slice value;

	if (look_note(&value, node->notes, "interpreter", 0))
		note_need(lint, value, node->path, true);
	for (size_t i = 0; look_note(&value, node->notes, "needed", i); i++)
		note_need(lint, value, node->path, false);
}

static bool is_owned(struct lint *lint, const char *path)
{
	if (has_prefix(path, "usr/"))
		path += 4;
	return lint_names_has(&lint->facts.owned, slice_from(path));
}

/* What look.h has found in the file. */
static void check_notes(struct lint *lint, const struct tree_node *node)
{
	struct lint_facts *facts = &lint->facts;
	struct slice value;

	if (look_note(&value, node->notes, "build", 0))
		lint_find_path(lint, LINT_BUILD_PATH, node->path, "%.*s",
			       SLICE_ARGS(value));
	if (!facts->ca_by && look_note(&value, node->notes, "ca", 0))
		facts->ca_by = mem_text(slice_from(node->path));
	if (!facts->tz_by && look_note(&value, node->notes, "tz", 0))
		facts->tz_by = mem_text(slice_from(node->path));
	if (look_note(&value, node->notes, "elf", 0) && facts->owned.count &&
	    !is_owned(lint, node->path))
		lint_find_path(lint, LINT_UNOWNED_PROGRAM, node->path,
			       "in no list of dpkg's");
	note_needs(lint, node);
}

static void note_facts(struct lint *lint, const struct tree_node *node)
{
	struct lint_facts *facts = &lint->facts;
	const char *base = name_base(node->path);

	facts->bytes += node->size;
	facts->has_tmp |= strcmp(node->path, "tmp") == 0;
	facts->has_zones |= has_prefix(node->path, "usr/share/zoneinfo/");
	facts->has_ca |= lint_is_ca(node->path);
	if (strstr(base, ".so"))
		lint_names_add(&facts->libraries, slice_from(base));
	if (node->type != TAR_FILE)
		return;
	if (!facts->has_times || node->mtime < facts->first_time)
		facts->first_time = node->mtime;
	if (!facts->has_times || node->mtime > facts->last_time)
		facts->last_time = node->mtime;
	facts->has_times = true;
}

static int check_there(struct lint_pass *pass, const struct tree_node *node,
		       struct err *err)
{
	struct lint *lint = pass->lint;

	if (node->below)
		lint_find_path(lint, LINT_BELOW_LINK, node->path,
			       "below a %s, in layer %u",
			       node->below == TAR_SYMLINK ? "symbolic link"
							  : "file",
			       node->layer);
	check_rights(lint, node);
	check_owner(lint, node);
	check_kind(lint, node);
	note_facts(lint, node);
	lint_name_rules(lint, node);
	if (node->type != TAR_FILE)
		return 0;
	check_notes(lint, node);
	return lint_same_add(pass, node, err);
}

/* The key or the deleted file: both are there for whoever has the layer. */
static void check_secret(struct lint *lint, const struct tree_node *node)
{
	const char *where = node->is_there ? "" : ", replaced or deleted above";
	struct slice kind;

	if (node->type == TAR_FILE && look_note(&kind, node->notes, "key", 0))
		lint_find_path(lint, LINT_SECRET_KEY, node->path,
			       "%.*s in layer %u%s", SLICE_ARGS(kind),
			       node->layer, where);
	else if (lint_is_secret(node->path))
		lint_find_path(lint, LINT_SECRET_FILE, node->path,
			       "in layer %u%s", node->layer, where);
}

static int check_entry(struct lint_pass *pass, const struct tree_node *node,
		       struct err *err)
{
	struct lint *lint = pass->lint;

	if (pass->entry == node->layer)
		lint_find_path(lint, LINT_DUPLICATE_PATH, node->path,
			       "in layer %u", node->layer);
	if (pass->whiteout == node->layer)
		lint_find_path(lint, LINT_WHITEOUT_OWN, node->path,
			       "in layer %u", node->layer);
	pass->entry = node->layer;
	check_secret(lint, node);
	if (node->is_there)
		return check_there(pass, node, err);
	lint->facts.hidden_bytes += node->size;
	return 0;
}

/* The next record comes first in its layer's order, so it can be the target. */
static void settle_wanted(struct lint_pass *pass, bool is_satisfied)
{
	if (pass->wanted.len && !is_satisfied)
		lint_find_path(pass->lint, LINT_HARDLINK_ORDER, pass->wanted.at,
			       "links to /%s", pass->path.at);
	pass->wanted.len = 0;
}

/* The path is done: next is the one that follows, or NULL. */
static void leave(struct lint_pass *pass, const char *next)
{
	size_t len = pass->path.len;
	bool is_parent = next && strncmp(next, pass->path.at, len) == 0 &&
			 next[len] == '/';

	settle_wanted(pass, false);
	if (pass->led.len && !pass->is_there && !is_parent &&
	    !lint_is_mounted(pass->path.at))
		lint_pass_dangling(pass, pass->led.at);
	pass->led.len = 0;
	pass->entry = pass->whiteout = NOBODY;
	pass->is_there = false;
}

static int see_node(struct lint_pass *pass, const struct tree_node *node,
		    struct err *err)
{
	if (node->type == TREE_WANTED) {
		set_text(&pass->wanted, node->link);
		return 0;
	}
	if (node->type == TREE_LED) {
		set_text(&pass->led, node->link);
		/* Where a link is on the way its letters say nothing. */
		pass->is_there |= node->below == TAR_SYMLINK;
		return 0;
	}
	bool is_mark = node->type == TREE_WHITEOUT || node->type == TREE_OPAQUE;

	settle_wanted(pass, !is_mark);
	pass->is_there |= node->is_there;
	if (!is_mark)
		return check_entry(pass, node, err);
	if (node->type == TREE_WHITEOUT) {
		if (pass->entry == node->layer)
			lint_find_path(pass->lint, LINT_WHITEOUT_OWN,
				       node->path, "in layer %u", node->layer);
		pass->whiteout = node->layer;
	}
	return 0;
}

static int see_all(struct lint_pass *pass, struct err *err)
{
	struct tree *tree = pass->lint->tree;
	struct tree_node node;
	bool is_first = true;
	int got = tree_rewind(tree, err);

	if (got < 0)
		return -1;
	while ((got = tree_next(&node, tree, err)) > 0) {
		if (is_first || strcmp(node.path, pass->path.at) != 0) {
			if (!is_first)
				leave(pass, node.path);
			set_text(&pass->path, node.path);
		}
		is_first = false;
		if (see_node(pass, &node, err) < 0)
			return -1;
	}
	if (got == 0 && !is_first)
		leave(pass, NULL);
	return got;
}

int lint_tree(struct lint *lint, struct err *err)
{
	struct lint_pass pass = { .lint = lint,
				  .entry = NOBODY,
				  .whiteout = NOBODY,
				  .same = lint_same_new() };
	int result = see_all(&pass, err);

	if (result == 0)
		result = lint_whole(&pass, err);
	lint_pass_free(&pass);
	return result;
}
