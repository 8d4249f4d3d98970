#include "image/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "image/name.h"
#include "image/runs.h"
#include "image/tree_work.h"

/* What a path means for those below it. */
struct level {
	size_t len;	 /* of the path */
	uint16_t hidden; /* below it: layers lower than this */
	char type;	 /* of what is there, or 0 */
};

struct tree {
	struct runs *runs;
	struct level *levels; /* the current path and its ancestors */
	size_t level_count, level_cap;
	struct buf path;   /* the last node's */
	uint16_t whiteout; /* at this path: layers lower than this are gone */
	bool is_taken;	   /* at this path somebody is there already */
};

/* By path, then the upper layer first, then the later entry. */
static int compare_records(struct slice a, struct slice b)
{
	struct tree_key x = tree_key(a);
	struct tree_key y = tree_key(b);
	int order = name_compare_paths(x.path, y.path);

	if (order)
		return order;
	if (x.layer != y.layer)
		return x.layer > y.layer ? -1 : 1;
	return x.place > y.place ? -1 : x.place < y.place;
}

struct tree *tree_read(const struct reader *reader,
		       const struct reader_image *image,
		       const struct tree_visitor *visitor, struct err *err)
{
	static const struct tree_visitor nobody;
	struct tree *tree = mem_new(1, sizeof(*tree));

	tree->runs = runs_new(compare_records);
	if (tree_gather(tree->runs, reader, image, visitor ? visitor : &nobody,
			err) < 0 ||
	    tree_rewind(tree, err) < 0) {
		tree_free(tree);
		return NULL;
	}
	return tree;
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	runs_free(tree->runs);
	free(tree->levels);
	buf_free(&tree->path);
	free(tree);
}

int tree_rewind(struct tree *tree, struct err *err)
{
	tree->level_count = 0;
	tree->path.len = 0;
	return runs_rewind(tree->runs, err);
}

/* True when the first len bytes of the last path name a parent of path. */
static bool is_parent(const struct tree *tree, size_t len, const char *path)
{
	if (!len)
		return *path;
	return strncmp(tree->path.at, path, len) == 0 && path[len] == '/';
}

static uint16_t max(uint16_t a, uint16_t b)
{
	return a > b ? a : b;
}

/* Go to another path: leave what is no parent of it, and add its level. */
static void enter(struct tree *tree, const char *path)
{
	size_t count = tree->level_count;

	while (count && !is_parent(tree, tree->levels[count - 1].len, path))
		count--;
	if (count == tree->level_cap) {
		tree->level_cap = count ? 2 * count : 16;
		tree->levels = mem_grow(tree->levels, tree->level_cap,
					sizeof(*tree->levels));
	}
	tree->levels[count] = (struct level){
		.len = strlen(path),
		.hidden = count ? tree->levels[count - 1].hidden : 0,
	};
	tree->level_count = count + 1;
	tree->path.len = 0;
	buf_text(&tree->path, path);
	tree->whiteout = tree->levels[count].hidden;
	tree->is_taken = false;
}

/* The first parent that is there and is no directory. */
static char below(const struct tree *tree)
{
	for (size_t i = 0; i + 1 < tree->level_count; i++)
		if (tree->levels[i].type && tree->levels[i].type != TAR_DIR)
			return tree->levels[i].type;
	return 0;
}

static void apply(struct tree *tree, struct tree_node *node)
{
	struct level *level = &tree->levels[tree->level_count - 1];

	node->is_there = false;
	node->below = below(tree);
	if (node->type == TREE_WANTED || node->type == TREE_LED)
		return;
	/* What a layer deletes or replaces hides what lower ones had below. */
	if (node->type != TAR_DIR)
		level->hidden = max(level->hidden, node->layer);
	if (node->type == TREE_OPAQUE)
		return;
	if (node->type == TREE_WHITEOUT) {
		tree->whiteout = max(tree->whiteout, node->layer);
		return;
	}
	node->is_there = !tree->is_taken && node->layer >= tree->whiteout;
	if (node->is_there) {
		tree->is_taken = true;
		level->type = node->type;
	}
}

int tree_next(struct tree_node *out, struct tree *tree, struct err *err)
{
	struct slice record;
	int got = runs_next(&record, tree->runs, err);

	if (got <= 0)
		return got;
	tree_unpack(out, record);
	if (!tree->level_count || strcmp(out->path, tree->path.at) != 0)
		enter(tree, out->path);
	apply(tree, out);
	return 1;
}

int tree_next_there(struct tree_node *out, struct tree *tree, struct err *err)
{
	int got;

	while ((got = tree_next(out, tree, err)) > 0)
		if (out->is_there)
			break;
	return got;
}

int tree_find(struct tree_node *out, struct tree *tree, const char *path,
	      struct err *err)
{
	int got = tree_rewind(tree, err);

	if (got < 0)
		return -1;
	while ((got = tree_next_there(out, tree, err)) > 0) {
		int order = name_compare_paths(out->path, path);

		if (order >= 0)
			return order == 0;
	}
	return got;
}
