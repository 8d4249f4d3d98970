#include "image/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/name.h"
#include "image/reader.h"
#include "image/reader_layer.h"
#include "image/tree.h"

/* A bit for each entry of a layer, by its place. */
struct bits {
	uint8_t *at;
	size_t cap; /* bytes */
};

struct layer_bits {
	struct bits there;  /* in the end */
	struct bits linked; /* has further names */
	uint64_t first;	    /* the number of its first entry */
};

struct merge {
	const struct merge_sink *sink;
	const struct reader *reader;
	const struct reader_image *image;
	struct tree *tree;
	struct layer_bits *layers;
	struct buf made; /* the last directory told */
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

static int tell_directory(struct merge *out, const char *path,
			  const struct tree_node *node, struct err *err)
{
	return out->sink->directory(out->sink->to, path, node, err);
}

static bool is_in(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return !len || (strncmp(path, directory, len) == 0 && path[len] == '/');
}

/* The directories above path that have no entry of their own. */
static int tell_parents(struct merge *out, const char *path, struct err *err)
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
		if (tell_directory(out, out->made.at, NULL, err) < 0)
			return -1;
		from = out->made.len + 1;
	}
	return 0;
}

/* First: all directories, and which entries there are in the end. */
static int tell_directories(struct merge *out, struct err *err)
{
	struct tree_node node;
	int got = tree_rewind(out->tree, err);

	while (got >= 0 && (got = tree_next_there(&node, out->tree, err)) > 0) {
		if (node.below)
			return err_set(err, 0,
				       "/%s: below what is no directory",
				       node.path);
		set_bit(&out->layers[node.layer].there, node.place);
		if (tell_parents(out, node.path, err) < 0)
			return -1;
		if (node.type != TAR_DIR)
			continue;
		if (tell_directory(out, node.path, &node, err) < 0)
			return -1;
		out->made.len = 0;
		buf_text(&out->made, node.path);
	}
	return got;
}

/* What is done for each hard link, once its target is known. */
typedef int link_fn(struct merge *out, const struct tree_node *target,
		    const char *path, struct err *err);

static int mark_link(struct merge *out, const struct tree_node *target,
		     const char *path, struct err *err)
{
	(void)path;
	(void)err;
	set_bit(&out->layers[target->layer].linked, target->place);
	return 0;
}

static int tell_link(struct merge *out, const struct tree_node *target,
		     const char *path, struct err *err)
{
	const struct merge_sink *sink = out->sink;

	return sink->link(sink->to, path, target,
			  out->layers[target->layer].first + target->place,
			  err);
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
static int each_link(struct merge *out, link_fn *see, struct err *err)
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

static int tell_entry(struct merge *out, const struct layer_bits *bits,
		      uint64_t place, const struct tar_entry *from,
		      struct tar_reader *tar, struct err *err)
{
	auto_buf struct buf path = { 0 };
	const struct merge_sink *sink = out->sink;

	name_plain_path(&path, from->path);
	return sink->entry(sink->to,
			   &(struct merge_entry){
				   .path = path.at,
				   .tar = from,
				   .number = bits->first + place,
				   .has_links = get_bit(&bits->linked, place),
			   },
			   tar, err);
}

static int tell_entries(struct merge *out, size_t layer, struct tar_reader *tar,
			struct err *err)
{
	const struct layer_bits *bits = &out->layers[layer];
	struct tar_entry entry;
	uint64_t place = 0;
	int got;

	for (; (got = tar_next(&entry, tar, err)) > 0; place++) {
		if (!get_bit(&bits->there, place) || entry.type == TAR_DIR ||
		    entry.type == TAR_HARDLINK)
			continue;
		if (tell_entry(out, bits, place, &entry, tar, err) < 0)
			return err_wrap(err, "%s", entry.path);
	}
	/* The next layer's numbers begin behind this one's. */
	if (layer + 1 < out->image->layer_count)
		out->layers[layer + 1].first = bits->first + place;
	return got;
}

static int tell_layers(struct merge *out, struct err *err)
{
	int result = 0;

	for (size_t i = 0; i < out->image->layer_count && result == 0; i++) {
		struct reader_layer layer;

		if (reader_layer_open(&layer, out->reader,
				      &out->image->layers[i], err) < 0)
			return -1;
		result = tell_entries(out, i, &layer.tar, err);
		if (result == 0)
			result = reader_layer_finish(&layer, err);
		reader_layer_close(&layer);
	}
	return result;
}

int merge_layers(const struct merge_sink *sink, const struct reader *reader,
		 const struct reader_image *image, struct tree *tree,
		 struct err *err)
{
	struct merge merge = {
		.sink = sink,
		.reader = reader,
		.image = image,
		.tree = tree,
		.layers = mem_new(image->layer_count + 1,
				  sizeof(*merge.layers)),
	};
	int result = tell_directories(&merge, err);

	if (result == 0)
		result = each_link(&merge, mark_link, err);
	if (result == 0)
		result = tell_layers(&merge, err);
	if (result == 0)
		result = each_link(&merge, tell_link, err);
	for (size_t i = 0; i < image->layer_count; i++) {
		free(merge.layers[i].there.at);
		free(merge.layers[i].linked.at);
	}
	free(merge.layers);
	buf_free(&merge.made);
	return result;
}
